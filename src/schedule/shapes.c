/* All names that a text can call, as one list. */
#include "schedule/shapes.h"

#include "schedule/lexer.h"

static const struct taperi_family *const families[] = {
    &taperi_family_curve,     &taperi_family_compound, &taperi_family_points,
    &taperi_family_recipe,    &taperi_family_torch,    &taperi_family_paddle,
    &taperi_family_optax,     &taperi_family_keras,    &taperi_family_hf,
    &taperi_family_timm,      &taperi_family_fairseq,  &taperi_family_megatron,
    &taperi_family_deepspeed, &taperi_family_caffe,    &taperi_family_darknet,
    &taperi_family_llmc,
};
enum {
    family_count = sizeof families / sizeof *families,
    names_max = 256 /* room for the names of all families */
};

/* What people write for a family: the names under which Python imports it. */
static const struct {
    const char *written, *family;
} aliases[] = {
    {"tf", "keras"},
    {"optim", "torch"},
    {"lr_scheduler", "torch"},
    {"transformers", "hf"},
};

size_t taper_shape_count(void)
{
    size_t count = 0;
    for (size_t k = 0; k < family_count; k++)
        count += families[k]->count;
    return count;
}

/* Name i in the order of learning; NULL if there is none. */
static const struct taperi_name *name_at(size_t i)
{
    for (size_t k = 0; k < family_count; k++) {
        if (i < families[k]->count) return &families[k]->rows[i];
        i -= families[k]->count;
    }
    return NULL;
}

const taper_shape *taper_shape_at(size_t i)
{
    const struct taperi_name *name = name_at(i);
    return name ? &name->shape : NULL;
}

const char *taper_shape_family(size_t i)
{
    const struct taperi_name *name = name_at(i);
    return name ? taperi_name_family(name) : NULL;
}

const char *taperi_name_family(const struct taperi_name *name)
{
    for (size_t k = 0; k < family_count; k++)
        for (size_t i = 0; i < families[k]->count; i++)
            if (&families[k]->rows[i] == name) return families[k]->name;
    return "";
}

/* ------------------------------------------------------------- finding */

static struct taperi_slice of_text(const char *text)
{
    const struct taperi_slice all = {text, taperi_length_of(text)};
    return all;
}

/* Whether a name is `family`, a point and `last`. */
static bool is_member(const char *name, struct taperi_slice family,
                      struct taperi_slice last)
{
    size_t i = 0, k = 0;
    for (; i < family.len; i++)
        if (name[i] != family.text[i]) return false;
    if (name[i++] != '.') return false;
    for (; k < last.len; k++)
        if (name[i + k] != last.text[k]) return false;
    return name[i + k] == '\0';
}

static struct taperi_slice family_of(struct taperi_slice written)
{
    for (size_t k = 0; k < sizeof aliases / sizeof *aliases; k++)
        if (taperi_slice_is(written, aliases[k].written))
            return of_text(aliases[k].family);
    return written;
}

static const struct taperi_name *find_member(struct taperi_slice family,
                                             struct taperi_slice last)
{
    family = family_of(family);
    const struct taperi_name *name;
    for (size_t i = 0; (name = name_at(i)) != NULL; i++)
        if (is_member(name->shape.name, family, last)) return name;
    return NULL;
}

/* A word up to its first point. */
static struct taperi_slice head_of(struct taperi_slice word)
{
    struct taperi_slice head = {word.text, 0};
    while (head.len < word.len && word.text[head.len] != '.')
        head.len++;
    return head;
}

bool taperi_name_is(struct taperi_slice word, const char *name)
{
    size_t at = word.len;
    while (at > 0 && word.text[at - 1] != '.')
        at--;
    const struct taperi_slice last = {word.text + at, word.len - at};
    return taperi_slice_is(word, name) ||
           (at > 0 && is_member(name, family_of(head_of(word)), last));
}

const struct taperi_name *taperi_name_find(struct taperi_slice word,
                                           const char *family)
{
    const struct taperi_name *name;
    for (size_t i = 0; (name = name_at(i)) != NULL; i++)
        if (taperi_slice_is(word, name->shape.name)) return name;

    /* What comes after any of its points may be the name within a family. */
    const struct taperi_slice head = head_of(word);
    size_t at = word.len;
    while (true) {
        while (at > 0 && word.text[at - 1] != '.')
            at--;
        const struct taperi_slice tail = {word.text + at, word.len - at};
        name = family ? find_member(of_text(family), tail) : NULL;
        if (!name && at > 0) name = find_member(head, tail);
        if (name || at == 0) return name;
        at--;
    }
}

const struct taperi_name *taperi_name_of_kind(uint32_t kind)
{
    const struct taperi_name *name;
    for (size_t i = 0; (name = name_at(i)) != NULL; i++)
        if (name->form &&
            (name->form->kind == kind || name->form->kind_too == kind))
            return name;
    return NULL;
}

/* The class of a peer that has this name, whatever the peer. */
static const char *find_class(struct taperi_slice word)
{
    for (size_t k = 0; k < family_count; k++) {
        const struct taperi_name *name =
            find_member(of_text(families[k]->name), word);
        if (name) return name->shape.name;
    }
    return NULL;
}

const char *taperi_name_suggest(struct taperi_slice word)
{
    const char *all[names_max];
    const struct taperi_name *name;
    size_t count = 0;
    const char *peers = find_class(word);
    if (peers) return peers;
    for (size_t i = 0; (name = name_at(i)) != NULL && i < names_max; i++)
        all[count++] = name->shape.name;
    return taper_suggest(word.text, word.len, all, count);
}

/* Whether a name is seen for the first time; notes that it has been. */
static bool first_use(bool seen[names_max], const struct taperi_name *name)
{
    size_t i = 0;
    while (i + 1 < names_max && name_at(i) != name)
        i++;
    const bool first = !seen[i];
    seen[i] = true;
    return first;
}

size_t taper_shapes_in(const char *text, size_t len, const taper_shape **out,
                       size_t cap)
{
    taper_error error = {.code = TAPER_OK};
    struct taperi_lexer lexer;
    const char *family = NULL;
    bool seen[names_max] = {false};
    size_t count = 0;
    taperi_lexer_start(&lexer, text, len, &error);
    for (; lexer.token.type != TAPERI_TOKEN_END &&
           lexer.token.type != TAPERI_TOKEN_ERROR;
         taperi_lexer_next(&lexer)) {
        if (lexer.token.type != TAPERI_TOKEN_NAME ||
            !taperi_lexer_before(&lexer, '('))
            continue;
        const struct taperi_name *name =
            taperi_name_find(lexer.token.slice, family);
        if (!name) continue;
        if (!name->form) family = taperi_name_family(name);
        if (!first_use(seen, name)) continue;
        if (count < cap) out[count] = &name->shape;
        count++;
    }
    return count;
}
