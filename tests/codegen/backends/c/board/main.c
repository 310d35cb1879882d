/* A board with 8 KB of memory and no operating system: a network learns three examples, and the cost goes out through the debugger's channel. */
#include "small.h"

static small_workspace work;
static small_parameters params;

/* Semihosting of the ARM: 4 writes a text, 0x18 ends the program. */
static int call(int number, const void *argument) {
    register int r0 __asm__("r0") = number;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void say(unsigned long number) {
    char text[12];
    int at = 11;
    text[at] = 0;
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    call(4, text + at);
}

int main(void) {
    static const small_real x[3][4] = {{0.5f, -1, 0.25f, 2}, {-0.75f, 1, 0.125f, -1}, {1.5f, 0.5f, -2, 0.25f}};
    static const small_real y[3][2] = {{1, 0}, {0, 1}, {1, 0}};
    small_real *weights = (small_real *)&params;
    const unsigned count = sizeof params / sizeof *weights;
    for (unsigned at = 0; at < count; at++) {
        weights[at] = (small_real)((at * 37 % 101) / 101.0f - 0.5f);
    }
    for (int step = 0; step < 200; step++) {
        small_real cost = 0;
        for (int n = 0; n < 3; n++) {
            cost += small_cost_and_gradients(&work, &params, x[n], y[n]);
            small_sgd(weights, (const small_real *)small_gradients(&work), count, 0.1);
        }
        if (step % 199 == 0) {
            say((unsigned long)(cost * 1000000));
        }
    }
    call(0x18, (const void *)0x20026);
    return 0;
}

extern unsigned stack_top, data_load, data_start, data_end, bss_start, bss_end;

/* What the processor calls first: variables get their first values. */
void start(void) {
    const unsigned *from = &data_load;
    for (unsigned *to = &data_start; to < &data_end;) {
        *to++ = *from++;
    }
    for (unsigned *to = &bss_start; to < &bss_end;) {
        *to++ = 0;
    }
    main();
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) void *const vectors_of_board[] = {&stack_top, (void *)start};
