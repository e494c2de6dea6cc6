/* The fingerprint is XXH64, so that others can recompute it. */
#include "data/hash.h"

#include "scratch.h"

#include <string.h>

/* Digests as published by the xxHash and python-xxhash projects; the last is
 * long enough for the 32-byte loop and all of the tail. */
static void xxh64_gives_the_published_digests(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t digest;
    } known[] = {
        {"", 0xef46db3751d8e999},
        {"a", 0xd24ec4f1a98c6e5b},
        {"abc", 0x44bc2cf5ad770999},
        {"Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_true(data_hash(known[i].text, strlen(known[i].text), 0) ==
                    known[i].digest);
}

static void the_seed_changes_the_digest(void **state)
{
    (void)state;
    assert_true(data_hash("abc", 3, 1) != data_hash("abc", 3, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xxh64_gives_the_published_digests),
        cmocka_unit_test(the_seed_changes_the_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
