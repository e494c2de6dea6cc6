/* What a call into src/nn can say went wrong. Details that a person needs are
 * in the struct; nothing in this folder prints. */
#ifndef TAPER_NN_STATUS_H
#define TAPER_NN_STATUS_H

enum nn_status {
    NN_OK,
    NN_E_NOMEM,
    NN_E_ARGUMENT,    /* the description of the network makes no sense */
    NN_E_UNSUPPORTED, /* oneDNN or this CPU cannot do it */
    NN_E_KERNEL,      /* oneDNN failed while it ran */
    NN_E_THREAD       /* a thread could not be started */
};

struct nn_error {
    enum nn_status code;
    char message[200]; /* one line, without the program's name */
};

/* Fills `err` (which may be NULL) as printf would and returns `code`. */
__attribute__((format(printf, 3, 4))) enum nn_status
nn_fail(struct nn_error *err, enum nn_status code, const char *format, ...);

#endif
