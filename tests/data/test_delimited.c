/* TSV and CSV: what is taken for a label and a text, and what is refused. */
#include "text_files.h"

#include "data/dataset.h"
#include "data/delimited.h"

#include <stdio.h>
#include <stdlib.h>

/* Parsed rows, or the error they ended in. */
struct parsed {
    struct data_labels labels;
    struct data_text_list list;
    struct data_error err;
    enum data_status status;
};

static struct parsed parse(char separator, const char *text)
{
    struct parsed p = {.err = {DATA_OK, ""}};
    p.status = data_delimited_parse((const uint8_t *)text, strlen(text),
                                    separator, "f", &p.labels, &p.list, &p.err);
    return p;
}

static void release(struct parsed *p)
{
    data_labels_free(&p->labels);
    data_text_list_free(&p->list);
}

/* The rows are these labels and texts, ended by NULL. */
static void assert_rows(char separator, const char *text,
                        const char *const *want)
{
    struct parsed p = parse(separator, text);
    if (p.status != DATA_OK) fail_msg("%s", p.err.message);
    for (size_t i = 0; i < p.list.count; i++, want += 2) {
        const size_t begin = data_text_begin(&p.list, i);
        const size_t size = p.list.ends[i] - begin;
        assert_non_null(want[0]);
        assert_string_equal(p.labels.names[p.list.labels[i]], want[0]);
        assert_int_equal(size, strlen(want[1]));
        if (size > 0)
            assert_memory_equal(p.list.bytes.bytes + begin, want[1], size);
    }
    assert_null(want[0]);
    release(&p);
}

static void assert_no_rows(char separator, const char *text, const char *line,
                           const char *why)
{
    struct parsed p = parse(separator, text);
    assert_int_equal(p.status, DATA_E_FORMAT);
    assert_error(&p.err, DATA_E_FORMAT, line, why);
    release(&p);
}

#define ROWS(separator, text, ...) \
    assert_rows(separator, text, (const char *const[]){__VA_ARGS__, NULL})

static void a_tab_parts_label_and_text(void **state)
{
    (void)state;
    ROWS('\t', "a\tone\nb\ttwo\n", "a", "one", "b", "two");
    ROWS('\t', "a\tone\nb\ttwo", "a", "one", "b", "two");
    ROWS('\t', "a\tone\r\n\r\n\nb\ttwo\r\n", "a", "one", "b", "two");
    ROWS('\t', "0\tno \xff\xfe UTF-8\n", "0", "no \xff\xfe UTF-8");
}

static void quotes_and_further_tabs_belong_to_the_text_of_tsv(void **state)
{
    (void)state;
    ROWS('\t', "a\t\"one\nb\ttwo\tthree, \"\"\n", "a", "\"one", "b",
         "two\tthree, \"\"");
}

static void a_text_may_be_empty(void **state)
{
    (void)state;
    ROWS('\t', "a\t\nb\tx\n", "a", "", "b", "x");
    ROWS(',', "a,\nb,\"\"\n", "a", "", "b", "");
}

static void quoted_fields_hold_commas_newlines_and_quotes(void **state)
{
    (void)state;
    ROWS(',', "\"1\",\"a, b\nc \"\"d\"\"\"\r\n2,plain\n", "1", "a, b\nc \"d\"",
         "2", "plain");
    ROWS(',', "\"a\"\"b\",x\n\"a\"\"b\",\"\"\"\"\n", "a\"b", "x", "a\"b", "\"");
    ROWS(',', "1,5\" disk\n", "1", "5\" disk");
}

static void columns_after_the_label_are_joined_by_a_space(void **state)
{
    (void)state;
    ROWS(',', "\"3\",\"Wall St.\",\"Bears \\claw\"\n\"4\",\"\",\"x\"\n", "3",
         "Wall St. Bears \\claw", "4", "x");
}

static void names_of_columns_are_no_text(void **state)
{
    (void)state;
    ROWS(',', "Class Index,Title,Description\n3,a,b\n", "3", "a b");
    ROWS('\t', "label\tsentence\n1\tgood\n", "1", "good");
    ROWS('\t', "label\tsentence\n1\tgood\tday\n", "1", "good\tday");
}

static void names_of_columns_say_which_is_which(void **state)
{
    (void)state;
    ROWS(',', "review,sentiment\n\"a, b\",positive\n", "positive", "a, b");
    ROWS('\t', "sentence\tlabel\ngood\t1\n", "1", "good");
    /* What may give the label away is not read. */
    ROWS(',', "id,text,label,label_text,stars\n7,a,1,positive,5\n", "1", "a");
}

static void a_first_text_is_not_taken_for_names(void **state)
{
    (void)state;
    ROWS('\t', "target\tfirst words\nclass\tthird\n", "target", "first words",
         "class", "third");
    ROWS(',', "spam,text\nham,other\n", "spam", "text", "ham", "other");
}

static void lines_without_a_label_are_refused(void **state)
{
    (void)state;
    assert_no_rows('\t', "just text\n", "f: line 1", "has no tab");
    assert_no_rows(',', "just text\n", "f: line 1", "has no comma");
    assert_no_rows('\t', "a\tb\n\njust text\n", "f: line 3", "has no tab");
    assert_no_rows('\t', "a\tb\n\ttext\n", "f: line 2", "has no label");
    assert_no_rows(',', "\"\",text\n", "f: line 1", "has no label");
}

static void a_label_as_long_as_a_text_is_refused(void **state)
{
    (void)state;
    char line[DATA_MAX_LABEL + 4];
    memset(line, 'x', sizeof line);
    memcpy(line + DATA_MAX_LABEL, "\ty", 3);
    struct parsed p = parse('\t', line);
    assert_int_equal(p.status, DATA_OK);
    release(&p);
    memcpy(line + DATA_MAX_LABEL, "x\ty", 4);
    assert_no_rows('\t', line, "f: line 1", "more than 200 bytes");
}

static void more_labels_than_classes_are_refused(void **state)
{
    (void)state;
    enum { LINES = DATA_MAX_CLASSES + 1, LINE = 10 };
    char *text = malloc(LINES * LINE + 1);
    assert_non_null(text);
    for (int i = 0; i < LINES; i++)
        sprintf(text + i * LINE, "%07d,x\n", i);
    assert_no_rows(',', text, "f: has more than 100000 different labels",
                   "does the label come first?");
    text[(LINES - 1) * LINE] = '\0';
    struct parsed p = parse(',', text);
    assert_int_equal(p.status, DATA_OK);
    assert_int_equal(p.labels.count, DATA_MAX_CLASSES);
    release(&p);
    free(text);
}

static void uneven_rows_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_no_rows(',', "1,\"a\nb\",c\n2,d\n", "f: line 3",
                   "has 2 columns where the first line has 3");
    assert_no_rows(',', "1,a\n2,b, c\n", "f: line 2", "needs double quotes");
    assert_no_rows('\t', "text\tlabel\na\tb\t1\n", "f: line 2",
                   "has 3 columns where the first line has 2");
    char many[256];
    memset(many, ',', sizeof many);
    many[255] = '\0';
    assert_no_rows(',', many, "f: line 1", "more than 64 columns");
}

static void quotes_must_be_closed(void **state)
{
    (void)state;
    assert_no_rows(',', "1,a\n2,\"b\n3,c\n", "f: line 2", "never closed");
    assert_no_rows(',', "1,\"a\"\"\n", "f: line 1", "never closed");
    assert_no_rows(',', "1,\"a\nb\"c\n", "f: line 2",
                   "text follows a closing quote");
}

static void files_without_texts_are_refused(void **state)
{
    (void)state;
    assert_no_rows('\t', "\n\r\n\n", "f: ", "nothing but empty lines");
    assert_no_rows('\t', "label\ttext\n\n",
                   "f: ", "nothing but the names of its columns");
}

/* 100 MB without a newline, as when a file of another kind is given. */
static void a_line_of_100_mb_is_refused(void **state)
{
    (void)state;
    const size_t size = 100 * 1000 * 1000;
    char *line = malloc(size + 1);
    assert_non_null(line);
    memset(line, 'x', size);
    line[size] = '\0';
    assert_no_rows('\t', line, "f: line 1", "has no tab");
    line[1] = '\t';
    assert_no_rows('\t', line, "f: line 1", "a text of 99999998 bytes");
    line[1] = ',';
    assert_no_rows(',', line, "f: line 1", "at most 16777216 are read");
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tab_parts_label_and_text),
        cmocka_unit_test(quotes_and_further_tabs_belong_to_the_text_of_tsv),
        cmocka_unit_test(a_text_may_be_empty),
        cmocka_unit_test(quoted_fields_hold_commas_newlines_and_quotes),
        cmocka_unit_test(columns_after_the_label_are_joined_by_a_space),
        cmocka_unit_test(names_of_columns_are_no_text),
        cmocka_unit_test(names_of_columns_say_which_is_which),
        cmocka_unit_test(a_first_text_is_not_taken_for_names),
        cmocka_unit_test(lines_without_a_label_are_refused),
        cmocka_unit_test(a_label_as_long_as_a_text_is_refused),
        cmocka_unit_test(more_labels_than_classes_are_refused),
        cmocka_unit_test(uneven_rows_are_refused_with_their_line),
        cmocka_unit_test(quotes_must_be_closed),
        cmocka_unit_test(files_without_texts_are_refused),
        cmocka_unit_test(a_line_of_100_mb_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
