/* The table of recipes. Where the figures come from:
 *
 *   cnn         measured on Fashion-MNIST, ten epochs, seed 0, six views at the
 *               end: adamw 93.16 %, sgd 93.14 %. AdamW with the peak 4e-3 and
 *               crops of 2 pixels gave 92.94 % from one view
 *   resnet9     David Page's "How to train your ResNet" (2018), with a
 *               triangular rate and its peak for the mean of the loss
 *   airbench94  Keller Jordan's cifar10-airbench: there the loss is a sum over
 *               1,024 images and the rate 11.5 / (1024 (1 + 1 / (1 - 0.85)));
 *               for the mean of the loss that is 1.5, and its weight decay
 *               0.0153 a step of unit rate becomes 0.0153 / 11.5 = 0.00133
 *
 * Under Muon airbench94 follows the same author's airbench94_muon, but for
 * crops of 4 pixels: with 2 it learns CIFAR-10 as JPEG by heart. There the
 * head's rate is 0.67 for a sum over 2,000 images, of logits over 256 and under
 * a momentum of 0.85; for a mean, of logits over 9 and under 0.6 that is 18.4
 * times the filters' 0.24. The biases' 0.053 is 64 times as much by the same
 * account, and the decay of 2e-6 * 2000 a step is 0.0167 * 0.24. */
#include "task/recipe.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct task_recipe recipes[] = {
    {TASK_FOR_IMAGE, "cnn", "adamw", "linear(0, 2e-3, 10%) then cosine(to=0)",
     "batch=128 epochs=10 weight-decay=0.05 flip=random crop=1 pad=zero"},
    {TASK_FOR_IMAGE, "cnn", "adam", "linear(0, 2e-3, 10%) then cosine(to=0)",
     "batch=128 epochs=10 flip=random crop=1 pad=zero"},
    {TASK_FOR_IMAGE, "cnn", "sgd", "linear(0, 0.2, 20%) then linear(to=0)",
     "batch=128 epochs=10 weight-decay=5e-4 flip=random crop=2 pad=zero"},
    {TASK_FOR_IMAGE, "resnet9", "sgd", "linear(0, 0.4, 20%) then linear(to=0)",
     "batch=512 epochs=24 weight-decay=5e-4 flip=random crop=4 pad=reflect "
     "tta=yes"},
    {TASK_FOR_IMAGE, "resnet9", "adamw",
     "linear(0, 4e-3, 20%) then linear(to=0)",
     "batch=512 epochs=24 weight-decay=0.05 flip=random crop=4 pad=reflect "
     "tta=yes"},
    {TASK_FOR_IMAGE, "airbench94", "sgd",
     "linear(0.3, 1.5, 23%) then linear(to=0.105)",
     "batch=1024 epochs=9.9 momentum=0.85 weight-decay=0.00133 "
     "decay-all=yes label-smoothing=0.2 shift-rate=64 whiten-epochs=3 "
     "lookahead=5 "
     "flip=alternating crop=2 pad=reflect tta=yes"},
    {TASK_FOR_IMAGE, "airbench94", "muon", "linear(0.24, 0)",
     "batch=2000 epochs=10 momentum=0.6 weight-decay=0.0167 "
     "decay-all=yes label-smoothing=0.2 other-rate=18.4 shift-rate=64 "
     "whiten-epochs=3 flip=alternating crop=4 pad=reflect tta=yes"},
    {TASK_FOR_TEXT, "small", "adamw",
     "linear(0, 1e-3, 10%) then poly(to=0, power=3)",
     "dim=128 layers=1 heads=4 weight-decay=0.01"},
    {TASK_FOR_TEXT, "medium", "adamw",
     "linear(0, 5e-4, 10%) then poly(to=0, power=3)",
     "dim=256 layers=4 heads=8 weight-decay=0.01"},
    {TASK_FOR_TEXT, "large", "adamw",
     "linear(0, 3e-4, 10%) then poly(to=0, power=3)",
     "dim=512 layers=6 heads=8 weight-decay=0.01"},
    {TASK_FOR_CARTPOLE, "ppo", "adam", "linear(2e-3, 0)",
     "batch=32 gamma=0.98 value-weight=0.5 clip=0.5 eval-every=40"},
    {TASK_FOR_CARTPOLE, "reinforce", "adam", "linear(1e-2, 0)",
     "batch=4 gamma=0.99 value-weight=0.5 clip=0.5 eval-every=25"},
};
enum { RECIPES = sizeof recipes / sizeof recipes[0] };

/* What a whole task shares unless a recipe says otherwise. */
#define EVERY \
    "seed=0 threads=0 precision=f32 momentum=0.9 nesterov=yes " \
    "weight-decay=0 clip=0 shift-rate=1 other-rate=1 decay-all=no " \
    "controller=none " \
    "log=none log-every=0 checkpoint-every=60 pictures=yes "
#define SUPERVISED "limit=0 label-smoothing=0 monitor=test_loss eval-every=1 "

static const struct {
    enum task_for task;
    const char *settings;
} common[] = {
    {TASK_FOR_IMAGE, EVERY SUPERVISED
     "batch=128 epochs=10 flip=none crop=0 cutout=0 pad=zero lookahead=0 "
     "whiten-epochs=1000000 tta=no"},
    {TASK_FOR_TEXT, EVERY SUPERVISED
     "batch=64 epochs=6 length=512 dropout=0.3 token-dropout=0.15 "
     "pooling=mean tokenizer=words vocabulary=20000 min-count=2 keep-case=no"},
    {TASK_FOR_CARTPOLE, EVERY
     "monitor=mean_return hidden=64 entropy=0 env-steps=100000 envs=8 "
     "horizon=32 update-epochs=4 gae-lambda=0.8 clip-range=0.2 episodes=1000 "
     "baseline=value"},
};

/* What suits one data set better. Mails are full of numbers, addresses and
 * marks, of which words with a cut-off make unknown tokens. */
static const struct {
    enum task_for task;
    const char *data, *settings;
} special[] = {
    {TASK_FOR_TEXT, "spam", "tokenizer=bpe vocabulary=8000 keep-case=yes"},
};

static const char *common_of(enum task_for task)
{
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (common[i].task == task) return common[i].settings;
    return "";
}

static const char *special_of(enum task_for task, const char *data)
{
    for (size_t i = 0; data && i < sizeof special / sizeof special[0]; i++)
        if (special[i].task == task && strcmp(special[i].data, data) == 0)
            return special[i].settings;
    return "";
}

const struct task_recipe *task_recipe_find(enum task_for task, const char *key,
                                           const char *optimizer)
{
    for (size_t i = 0; i < RECIPES; i++)
        if (recipes[i].task == task && strcmp(recipes[i].key, key) == 0 &&
            (!optimizer || strcmp(recipes[i].optimizer, optimizer) == 0))
            return &recipes[i];
    return NULL;
}

/* Sets what `text` says, except what the person says. */
static enum task_status apply(struct task_settings *s, const char *text,
                              struct task_error *err)
{
    while (*text) {
        char name[32], value[64];
        int used = 0;
        if (sscanf(text, "%31[^=]=%63s %n", name, value, &used) != 2)
            return task_fail(err, TASK_E_USAGE, "the recipe '%s' is wrong",
                             text);
        const enum task_status status =
            task_settings_default(s, name, value, err);
        if (status != TASK_OK) return status;
        text += used;
    }
    return TASK_OK;
}

enum task_status task_recipe_apply(struct task_settings *s, enum task_for task,
                                   const char *key, struct task_error *err)
{
    const bool chosen = task_settings_given(s, "optimizer");
    const struct task_recipe *r =
        task_recipe_find(task, key, chosen ? s->optimizer : NULL);
    if (!r && !s->schedule && !s->plan)
        return task_fail(err, TASK_E_USAGE,
                         "there is no default schedule for %s with %s: give "
                         "--schedule",
                         key, chosen ? s->optimizer : "any optimizer");
    enum task_status status = TASK_OK;
    if (r) {
        status = task_settings_default(s, "optimizer", r->optimizer, err);
        if (status == TASK_OK && !s->plan)
            status = task_settings_default(s, "schedule", r->schedule, err);
    } else {
        r = task_recipe_find(task, key, NULL); /* all but the optimiser */
        if (!s->optimizer)
            status = task_settings_default(s, "optimizer", "sgd", err);
    }
    /* The last word counts. */
    if (status == TASK_OK) status = apply(s, common_of(task), err);
    if (status == TASK_OK && r) status = apply(s, r->rest, err);
    if (status == TASK_OK) status = apply(s, special_of(task, s->data), err);
    return status;
}
