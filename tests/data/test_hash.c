/* The fingerprint is XXH64, so that others can recompute it. */
#include "data/hash.h"

#include "scratch.h"

#include <string.h>

/* Digests of libxxhash 0.8.1, called through Python's ctypes; those with seed 0
 * and without "abcd" are published in many places. The texts reach every part
 * of the algorithm: whole stripes of 32 bytes, then 8, 4 and 1. */
static void xxh64_gives_the_librarys_digests(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t seed, digest;
    } known[] = {
        {"", 0, 0xef46db3751d8e999},
        {"a", 0, 0xd24ec4f1a98c6e5b},
        {"abc", 0, 0x44bc2cf5ad770999},
        {"abcd", 0, 0xde0327b0d25d92cc},
        {"Nobody inspects the spammish repetition", 0, 0xfbcea83c8a378bf1},
        {"abc", 1, 0xbea9ca8199328908},
        {"01234567890123456789012345678901234567890123456789"
         "01234567890123456789012345678901234567890123456789",
         7, 0xa314a8f85da8c7d1},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_true(data_hash(known[i].text, strlen(known[i].text),
                              known[i].seed) == known[i].digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xxh64_gives_the_librarys_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
