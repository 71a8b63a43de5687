/* huge_page.h - how much a huge page holds: of x86-64, and of others with pages of 4 KiB. */
#ifndef SVI_BASE_HUGE_PAGE_H
#define SVI_BASE_HUGE_PAGE_H

enum { SVI_HUGE_PAGE_BYTES = 2 << 20 };

#endif
