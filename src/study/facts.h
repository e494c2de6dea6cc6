/* The names under which a store keeps what holds for the whole study, so that
 * whoever writes a fact and whoever reads it agree. Values are text. */
#ifndef TAPER_STUDY_FACTS_H
#define TAPER_STUDY_FACTS_H

/* Facts that identify the study. */
#define STUDY_FACT_TASK "task"           /* "image", ..., "exec" */
#define STUDY_FACT_COMMAND "command"     /* of exec */
#define STUDY_FACT_OPTIONS "options"     /* passed through to the task */
#define STUDY_FACT_METRIC "metric"       /* its key: "test_accuracy" */
#define STUDY_FACT_DIRECTION "direction" /* "maximize" or "minimize" */
#define STUDY_FACT_UNIT "unit"           /* of budgets: "epochs", "steps" */

/* Facts that inform. */
#define STUDY_FACT_ASKED \
    "asked" /* the command lines that made the study, as \
               a shell takes them, one a line */
#define STUDY_FACT_VERSION "version" /* of taper that made it: "0.1.0" */
#define STUDY_FACT_CREATED "created" /* "2026-01-31T12:00:00Z" */
#define STUDY_FACT_HALVING "halving" /* "yes" if schedules may be given up */

#endif
