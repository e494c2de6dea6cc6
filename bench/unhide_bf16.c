/* Shows programs the AVX512_BF16 that a hypervisor hides, for benchmarks.
 *
 *   LD_PRELOAD=unhide_bf16.so PROGRAM...
 *
 * Virtual machines often report fewer instructions than their processor has, so
 * that they can move to an older one. Those that need no state of their own
 * work all the same. This library asks the kernel to trap CPUID in its process
 * and answers it with the bit of AVX512_BF16 set, so that oneDNN, and whoever
 * else asks, uses it. Where the processor does not execute the instruction, or
 * the kernel cannot trap CPUID, the process ends with 77 before main.
 *
 * For x86-64 Linux alone, linked with -z initfirst: oneDNN asks when it is
 * loaded. */
#define _GNU_SOURCE /* REG_RIP */
#include <asm/prctl.h>
#include <immintrin.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* Leaf 7, subleaf 1, EAX. */
#define AVX512_BF16 (1U << 5)

static long let_cpuid(unsigned long allowed)
{
    return syscall(SYS_arch_prctl, ARCH_SET_CPUID, allowed);
}

/* Answers the CPUID at the faulting address; any other fault is what it was
 * without this library. */
static void answer(int number, siginfo_t *info, void *context)
{
    static const uint8_t cpuid[] = {0x0f, 0xa2};
    ucontext_t *const u = context;
    greg_t *const r = u->uc_mcontext.gregs;
    (void)info;
    if (memcmp((const void *)(uintptr_t)r[REG_RIP], cpuid, sizeof cpuid) != 0) {
        (void)signal(number, SIG_DFL);
        return; /* and faults again */
    }
    const uint32_t leaf = (uint32_t)r[REG_RAX], sub = (uint32_t)r[REG_RCX];
    uint32_t a, b, c, d;
    (void)let_cpuid(1);
    __asm__ volatile("cpuid"
                     : "=a"(a), "=b"(b), "=c"(c), "=d"(d)
                     : "a"(leaf), "c"(sub));
    (void)let_cpuid(0);
    if (leaf == 7 && sub == 0 && a < 1) a = 1; /* subleaves there are */
    if (leaf == 7 && sub == 1) a |= AVX512_BF16;
    r[REG_RAX] = a;
    r[REG_RBX] = b;
    r[REG_RCX] = c;
    r[REG_RDX] = d;
    r[REG_RIP] += (greg_t)sizeof cpuid;
}

static void refuse(const char *why)
{
    static const char who[] = "unhide_bf16: ";
    (void)!write(STDERR_FILENO, who, sizeof who - 1);
    (void)!write(STDERR_FILENO, why, strlen(why));
    _exit(77);
}

static void no_instruction(int number)
{
    (void)number;
    refuse("this processor does not execute AVX512_BF16\n");
}

/* The dot product of (2, 2) and (3, 3), in any lane. */
__attribute__((target("avx512f,avx512bf16"))) static float dot(void)
{
    const __m512bh two =
        _mm512_cvtne2ps_pbh(_mm512_set1_ps(2), _mm512_set1_ps(2));
    const __m512bh three =
        _mm512_cvtne2ps_pbh(_mm512_set1_ps(3), _mm512_set1_ps(3));
    return _mm512_cvtss_f32(_mm512_dpbf16_ps(_mm512_setzero_ps(), two, three));
}

__attribute__((constructor)) static void start(void)
{
    struct sigaction trap = {.sa_sigaction = answer,
                             .sa_flags = SA_SIGINFO | SA_NODEFER};
    struct sigaction refusal = {.sa_handler = no_instruction}, before;
    (void)sigaction(SIGILL, &refusal, &before);
    const float product = dot();
    (void)sigaction(SIGILL, &before, NULL);
    if (product != 12.0F) refuse("AVX512_BF16 gives a wrong product\n");
    if (sigaction(SIGSEGV, &trap, NULL) || let_cpuid(0))
        refuse("the kernel does not trap CPUID\n");
}
