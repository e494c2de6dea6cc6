/* Help texts of the trainers, wrapped by hand. */
#include "cli/train_help.h"

#include <string.h>

const char cli_train_details[] =
    "Every option has a default, so that 'taper train TASK' alone trains a\n"
    "good network; 'taper train TASK --help' lists the options with their\n"
    "defaults. The tasks:\n"
    "\n"
    "  image       image classification by a convolutional network\n"
    "  text        text classification by a Transformer encoder\n"
    "  cartpole    the control task CartPole-v1, by PPO or REINFORCE\n"
    "\n"
    "DIR (default: runs/TASK-DATE-TIME) gets run.json with its settings,\n"
    "metrics.csv with the rate and loss of every update, curves.png,\n"
    "model.safetensors, summary.json and a checkpoint. Ctrl-C stops after a\n"
    "checkpoint; --resume --out DIR goes on, also after a crash, and ends\n"
    "in the same bits. SIGUSR1 begins the early cool-down of --controller\n"
    "cooldown at the next update: the schedule's last part, and with it the\n"
    "run, end early.\n"
    "\n"
    "--plan takes a file of lines such as 'lr[head] = 10 * lr', - for\n"
    "standard input, or the lines themselves. It drives lr, momentum (sgd,\n"
    "muon), beta1 and beta2 (adam, adamw), weight_decay, label_smoothing,\n"
    "clip, clip_range (ppo) and entropy (agents); lr and weight_decay also\n"
    "of the groups of parameters that the network has, such as weight, bias,\n"
    "norm and head.\n";

const char cli_train_example[] =
    "  taper train image --schedule 'linear(0, 2e-3, 5%) then cosine(to=0)'\n"
    "  taper train image --data cifar10 --model airbench94 --out runs/a\n"
    "  taper train image --resume --out runs/a\n";

static const struct cli_train_words words[] = {
    {"image",
     "Without options the network cnn learns Fashion-MNIST in ten epochs.\n"
     "Networks, each with a recipe of its own:\n"
     "\n"
     "  cnn         four convolutions; 10 epochs of 128 images, adamw\n"
     "  resnet9     Page's ResNet-9; 24 epochs of 512 images, sgd\n"
     "  airbench94  94 % on CIFAR-10; 9.9 epochs of 1024 images, sgd;\n"
     "              under muon 10 epochs of 2000, and --weight-decay is not\n"
     "              for the filters\n"
     "\n"
     "--data is fashion-mnist, cifar10, cifar100, or a folder: IDX files,\n"
     "CIFAR's binary files, or train/CLASS/*.jpg|png and test/CLASS/.\n",
     "  taper train image --schedule 'linear(0, 2e-3, 5%) then cosine(to=0)'\n"
     "  taper train image --data cifar10 --model airbench94 --out runs/a\n"
     "  taper train image --plan 'lr = cosine(2e-3, 0); lr[head] = 2 * lr'\n"
     "  taper train image --resume --out runs/a\n"},
    {"text",
     "Without options a small Transformer encoder learns to tell spam from\n"
     "other mail. Networks:\n"
     "\n"
     "  small       1 layer of width 128, 4 heads\n"
     "  medium      4 layers of width 256, 8 heads\n"
     "  large       6 layers of width 512, 8 heads\n"
     "\n"
     "--data is spam (the SpamAssassin corpus), a folder with train.tsv and\n"
     "test.tsv (label, tab, text) or train.csv and test.csv (AG News), one\n"
     "such file, or a folder train/CLASS/*.txt and test/CLASS/; all may be\n"
     "gzip'd. A set without a split has a fixed fifth for testing. The\n"
     "tokenizer is made from the training texts and kept in DIR.\n",
     "  taper train text --schedule 'linear(0, 1e-3, 10%) then poly(to=0, "
     "power=3)'\n"
     "  taper train text --data imdb/ --length 512 --out runs/imdb\n"
     "  taper train text --data trec/ --tokenizer bpe --vocabulary 4000\n"
     "  taper train text --resume --out runs/imdb\n"},
    {"cartpole",
     "Without options PPO learns to keep the pole upright in 100,000 steps of\n"
     "the environment. Algorithms:\n"
     "\n"
     "  ppo        rollouts of --horizon steps of --envs environments; "
     "--batch\n"
     "             samples an update; the clip range falls to 0, unless a\n"
     "             plan drives it\n"
     "  reinforce  --batch whole episodes an update, 4 unless given; the rate\n"
     "             falls from 1e-2 to 0 in 1000 episodes, --gamma is 0.99\n"
     "\n"
     "A schedule counts updates; one with lengths in smp counts steps of the\n"
     "environment, and one with lengths in ep finished episodes. A plan's\n"
     "groups are policy and value, the two networks. An epoch of --eval-every\n"
     "is one rollout with its updates.\n",
     "  taper train cartpole --schedule 'cosine(3e-3, 0, 100ksmp)'\n"
     "  taper train cartpole --algorithm reinforce --schedule 'cosine(1e-2, "
     "1e-4, 1000ep)'\n"
     "  taper train cartpole --plan 'lr = linear(2e-3, 0); lr[value] = 2 * "
     "lr; clip_range = 100 * lr'\n"
     "  taper train cartpole --resume --out runs/pole\n"},
};

const struct cli_train_words *cli_train_words(const char *task)
{
    size_t i = 0;
    while (strcmp(words[i].task, task) != 0)
        i++;
    return &words[i];
}
