/* Texts of schedules as a study compares them. */
#ifndef TAPER_STUDY_DESIGN_TEXT_H
#define TAPER_STUDY_DESIGN_TEXT_H

/* A schedule's text without comments, with one blank where white space was and
 * none at the ends; what stands in quotes stays as it is. The caller frees it;
 * NULL when memory runs out. */
char *study_normal_text(const char *spec);

#endif
