#include "host/progress.h"

#include "base/bytes.h"
#include "base/stopwatch.h"
#include "host/stop.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double patience_s = 1.0, pause_s = 0.1, sure_after_share = 0.05;

enum { MOST_CELLS = 40, USUAL_COLUMNS = 80 };

struct svi_progress_bar svi_progress_bar_start(int fd, const char *name, bool wanted)
{
    return (struct svi_progress_bar){ .fd = wanted && isatty(fd) ? fd : -1, .name = name, .started_s = svi_now_s() };
}

void svi_progress_bar_text(char *into, size_t size, int columns, const char *name, double share, const char *stage, double left_s)
{
    char before[80], after[80], left[40] = "", cells[MOST_CELLS + 1];
    if (left_s >= 60)
        svi_format(left, sizeof left, ", %.0f min left", left_s / 60);
    else if (left_s >= 0)
        svi_format(left, sizeof left, ", %.0f s left", left_s);
    svi_format(before, sizeof before, "%.24s [", name);
    svi_format(after, sizeof after, "] %3.0f %% %.31s%s", share * 100, stage, left);
    int room = columns - (int)(strlen(before) + strlen(after)) - 1;
    int count = room > MOST_CELLS ? MOST_CELLS : room;
    if (count < 4) {
        svi_format(into, size, "%.*s", columns > 1 ? columns - 1 : 0, after + 2);
        return;
    }
    memset(cells, '.', (size_t)count);
    memset(cells, '#', (size_t)(share * count));
    cells[count] = '\0';
    svi_format(into, size, "%s%s%s", before, cells, after);
}

static void draw(struct svi_progress_bar *bar, double share, const char *stage, double now_s)
{
    struct winsize window = { 0 };
    int columns = ioctl(bar->fd, TIOCGWINSZ, &window) == 0 && window.ws_col ? window.ws_col : USUAL_COLUMNS;
    double elapsed_s = now_s - bar->started_s;
    char text[256], line[300];
    svi_progress_bar_text(text, sizeof text, columns, bar->name, share, stage,
                          share >= sure_after_share ? elapsed_s * (1 - share) / share : -1);
    svi_format(line, sizeof line, "\r%s\x1B[K", text);
    ssize_t ignored = write(bar->fd, line, strlen(line));
    (void)ignored;
    bar->drawn_s = now_s;
    bar->visible = true;
}

bool svi_progress_bar_update(void *self, double share, const char *stage)
{
    struct svi_progress_bar *bar = self;
    double now_s = svi_now_s();
    /* The next piece of work under the same bar: what is left is reckoned from here. */
    if (share < bar->share)
        bar->started_s = now_s;
    bar->share = share;
    bool late = bar->visible || now_s - bar->started_s >= patience_s;
    if (bar->fd >= 0 && late && now_s - bar->drawn_s >= pause_s)
        draw(bar, share < 0 ? 0 : share > 1 ? 1 : share, stage, now_s);
    return !atomic_load(&svi_stop);
}

void svi_progress_bar_end(struct svi_progress_bar *bar)
{
    static const char clear_line[] = "\r\x1B[K";
    if (bar->visible) {
        ssize_t ignored = write(bar->fd, clear_line, sizeof clear_line - 1);
        (void)ignored;
    }
    bar->visible = false;
}
