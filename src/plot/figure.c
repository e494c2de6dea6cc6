/* Colours and legend entries follow from the names of a figure's curves. */
#include "plot/figure.h"

#include <string.h>

/* A place in the figure's drawing order. */
struct place {
    size_t panel, curve;
};

/* Curves or rows of a panel. */
static size_t entries_of(const struct plot_panel *p)
{
    return p->row_count ? p->row_count : p->count;
}

static const char *name_at(const struct plot_figure *f, struct place at)
{
    const struct plot_panel *p = &f->panels[at.panel];
    const char *name =
        p->row_count ? p->rows[at.curve].name : p->curves[at.curve].name;
    return name ? name : "";
}

/* The first curve with the name of the one at `at`; nameless curves are each
 * the first of their own. */
static struct place first_of_name(const struct plot_figure *f, struct place at)
{
    const char *name = name_at(f, at);
    if (!name[0]) return at;
    for (struct place p = {0, 0}; p.panel < at.panel; p.panel++)
        for (p.curve = 0; p.curve < entries_of(&f->panels[p.panel]); p.curve++)
            if (strcmp(name_at(f, p), name) == 0) return p;
    for (struct place p = {at.panel, 0}; p.curve < at.curve; p.curve++)
        if (strcmp(name_at(f, p), name) == 0) return p;
    return at;
}

static bool is_first(const struct plot_figure *f, struct place at)
{
    const struct place first = first_of_name(f, at);
    return first.panel == at.panel && first.curve == at.curve;
}

size_t plot_colour_slot(const struct plot_figure *f, size_t panel, size_t curve)
{
    const struct plot_panel *const own = &f->panels[panel];
    const size_t asked =
        own->row_count ? own->rows[curve].colour : own->curves[curve].colour;
    if (asked) return asked - 1;
    const struct place first = first_of_name(f, (struct place){panel, curve});
    size_t slot = 0;
    for (struct place p = {0, 0}; p.panel <= first.panel; p.panel++) {
        const size_t end = p.panel == first.panel
                               ? first.curve
                               : entries_of(&f->panels[p.panel]);
        for (p.curve = 0; p.curve < end; p.curve++)
            if (is_first(f, p)) slot++;
    }
    return slot;
}

bool plot_in_legend(const struct plot_figure *f, size_t panel, size_t curve)
{
    const struct place at = {panel, curve};
    if (f->panels[panel].row_count) return false;
    return name_at(f, at)[0] && is_first(f, at);
}

size_t plot_legend_count(const struct plot_figure *f)
{
    size_t entries = 0, curves = 0;
    for (size_t p = 0; p < f->count; p++)
        for (size_t k = 0; k < f->panels[p].count; k++) {
            curves++;
            if (plot_in_legend(f, p, k)) entries++;
        }
    return curves == 1 ? 0 : entries;
}
