/* What the page is made of besides the study: files that the build wrote as
 * arrays (cmake/taper-embed.cmake). Each ends in a NUL; those of uPlot are
 * empty where it was not found. */
#ifndef TAPER_REPORT_PAGE_H
#define TAPER_REPORT_PAGE_H

extern const unsigned char report_page_css[];
extern const unsigned char report_page_js[];
extern const unsigned char report_uplot_css[];
extern const unsigned char report_uplot_js[];
extern const unsigned char report_uplot_licence[];

#endif
