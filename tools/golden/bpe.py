"""Golden merges and encodings for tests/data/test_tokenizer.c.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install tokenizers==0.23.3
    /tmp/peer/bin/python tools/golden/bpe.py > tests/data/golden_bpe.inc

Two peers, which must agree, or this script stops. The first is the algorithm
of Sennrich, Haddow and Birch (2016) as their paper prints it: all pairs are
counted anew for each merge, and symbols are strings. The second is Hugging
Face's tokenizers, told to cut words by the same rule. Of equally frequent pairs
the one is merged whose left symbol was made first, then whose right one was.
"""
import collections
import json
import random
import re

import tokenizers

ENGLISH = """\
the rate at which a model learns is not a number but a curve over its steps
a warm beginning keeps the first steps small while the estimates are poor
then the rate stays high for as long as the loss keeps falling fast enough
a slow ending lets the weights settle where the noise of the batches averages
the longer the training runs the more of the gain comes from its ending
whoever repeats a run with another seed learns how large the noise really is
a schedule that was written down can be read compared and trained with again
the banana bandanas banned the banner and the aardvark said aaaa and aaaaaa
""".splitlines()

ASKED = [
    "the learning rate",
    "a banana said aaaaaaa to the schedules",
    "unrelated zebras",
    "x",
]


def letters():
    draw = random.Random(20240501)
    words = ["".join(draw.choices("abc", k=draw.randint(1, 9)))
             for _ in range(60)]
    return [" ".join(draw.choices(words, k=12)) for _ in range(30)]


def words_of(text):
    return re.findall(r" ?[a-z]+", " " + text)


def merged(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        if tuple(symbols[i:i + 2]) == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out


def learn(texts, most):
    counts = collections.Counter(w for t in texts for w in words_of(t))
    split = {w: list(w) for w in counts}
    made = {chr(b): b for b in range(256)}  # symbol: when it was made
    merges = []
    while len(merges) < most:
        pairs = collections.Counter()
        for w, symbols in split.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += counts[w]
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], made[p[0]], made[p[1]]))
        if pairs[best] < 2:
            break
        split = {w: merged(s, best) for w, s in split.items()}
        assert "".join(best) not in made
        made["".join(best)] = len(made)
        merges.append(best)
    return merges, made


def encode(text, merges):
    rank = {pair: k for k, pair in enumerate(merges)}
    out = []
    for word in words_of(text):
        s = list(word)
        while True:
            known = [(rank[p], i) for i, p in enumerate(zip(s, s[1:]))
                     if p in rank]
            if not known:
                break
            _, i = min(known)
            s[i:i + 2] = [s[i] + s[i + 1]]
        out += s
    return out


def check(texts, asked, merges):
    peer = tokenizers.Tokenizer(tokenizers.models.BPE())
    peer.pre_tokenizer = tokenizers.pre_tokenizers.Split(
        tokenizers.Regex(" ?[a-z]+"), "isolated")
    characters = len(set("".join(texts)) | {" "})
    symbols = {"".join(m) for m in merges}
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=characters + len(symbols), min_frequency=2,
        show_progress=False)
    peer.train_from_iterator([" " + t for t in texts], trainer)
    theirs = [tuple(m) for m in json.loads(peer.to_str())["model"]["merges"]]
    assert theirs == merges, "the peers disagree"
    for text in asked:
        known = "".join(c for c in text if c in "".join(texts))
        assert not known or peer.encode(" " + known).tokens == encode(
            known, merges)


def row(values):
    return "{" + ", ".join(values) + "},"


def quoted(text):
    return '"' + text + '"'


def show(name, texts, asked, most):
    merges, made = learn(texts, most)
    print(f"\nstatic const char *const {name}_texts[] = {{")
    for text in texts:
        print(f"    {quoted(text)},")
    print(f"}};\nstatic const char *const {name}_merges[][2] = {{")
    for left, right in merges:
        print("    " + row([quoted(left), quoted(right)]))
    print(f"}};\nstatic const struct golden_encoding {name}_encodings[] = {{")
    for text in asked:
        ids = ["2"] + [str(3 + made[s]) for s in encode(text, merges)]
        print(f"    {{{quoted(text)}, {len(ids)}, {{{', '.join(ids)}}}}},")
    print("};")
    check(texts, asked, merges)


print(f"/* tokenizers {tokenizers.__version__}, tools/golden/bpe.py */")
print("// clang-format off")
show("english", ENGLISH, ASKED, 120)
drawn = letters()
show("letters", drawn, ["abcabc cab aaaaaaa", "bbbbb cacb"] + drawn[:2], 150)
print("// clang-format on")
