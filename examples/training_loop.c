/* training_loop.c: a schedule in a training loop of one's own.
 *
 * Fits the line y = 2 x - 1 to five points by gradient descent. The schedule
 * is parsed once; each update asks it for its rate by its number, so there is
 * no scheduler object to step, save or restore. */
#include <stdio.h>
#include <string.h>
#include <taper.h>

enum { POINTS = 5, STEPS = 100 };

static const double xs[POINTS] = {-1.0, -0.5, 0.0, 0.5, 1.0};
static const double ys[POINTS] = {-3.0, -2.0, -1.0, 0.0, 1.0};

/* Half the mean squared error of y = slope x + shift, and its gradient. */
static double loss_of(double slope, double shift, double gradient[2])
{
    double loss = 0.0;
    gradient[0] = gradient[1] = 0.0;
    for (int i = 0; i < POINTS; i++) {
        const double error = slope * xs[i] + shift - ys[i];
        loss += 0.5 * error * error / POINTS;
        gradient[0] += error * xs[i] / POINTS;
        gradient[1] += error / POINTS;
    }
    return loss;
}

int main(void)
{
    /* The run says how long it is, so the text can speak of its parts. */
    const taper_run run = {.steps = STEPS};
    const char *text = "linear(0, 0.2, 10%) then cosine(to=0)";
    taper_schedule *schedule;
    taper_error error;

    if (taper_parse(text, strlen(text), &run, NULL, &schedule, &error) !=
        TAPER_OK) {
        fprintf(stderr, "byte %zu of the schedule: %s\n", error.position,
                error.message);
        return 1;
    }

    double slope = 0.0, shift = 0.0, gradient[2];
    puts("step      rate      loss");
    for (int64_t step = 0; step < STEPS; step++) {
        const double rate = taper_at(schedule, step);
        const double loss = loss_of(slope, shift, gradient);
        if (step % 10 == 0) printf("%4d  %.6f  %.6f\n", (int)step, rate, loss);
        slope -= rate * gradient[0];
        shift -= rate * gradient[1];
    }
    printf("y = %.4f x + %.4f\n", slope, shift);

    taper_free(schedule, NULL);
    return 0;
}
