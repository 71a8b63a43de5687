#include "host/celery_control.h"

#include <fnmatch.h>
#include <regex.h>
#include <string.h>

enum { MOST_PATTERN = 256, LATE_S = 1, LAZY = '\1' };

/* What repeats follows neither another such sign nor a whole group: for those the system's matcher may take hours, and all memory.
 * `before`: what stands before the sign. */
static bool may_repeat(char before, char sign)
{
    return before != LAZY && !strchr("*+?", before) && (sign == '?' || before != ')');
}

/* Counted repeats, references to groups, the ends of the text, and groups that only look ahead, are named or hold flags. */
static bool is_foreign(const char *c)
{
    return *c == '{' || (*c == '\\' && (!c[1] || strchr("123456789AZ", c[1]))) || (*c == '(' && c[1] == '?' && c[2] != ':');
}

/* A Python regular expression as a POSIX one, anchored at the start. False for what the two do not share, and for what can take a
 * matcher hours. */
static bool translate(char into[2 * MOST_PATTERN + 8], const char *pattern)
{
    size_t at = 0;
    char before = '(';
    into[at++] = '^';
    into[at++] = '(';
    for (const char *c = pattern; *c; c++) {
        const bool escaped = *c == '\\', lazy = *c == '?' && strchr("*+?", before);
        if (is_foreign(c) || (strchr("*+?", *c) && !lazy && !may_repeat(before, *c)))
            return false;
        before = lazy ? LAZY : *c;
        if (lazy) /* whether there is a match is the same without */
            continue;
        if (escaped && c[1] == 'd') {
            memcpy(into + at, "[0-9]", 5);
            at += 5;
            c++;
        } else if (*c == '(' && c[1] == '?') {
            into[at++] = '(';
            c += 2;
        } else {
            into[at++] = *c;
            if (escaped)
                into[at++] = *++c;
        }
        if (at > 2 * MOST_PATTERN)
            return false;
    }
    into[at++] = ')';
    into[at] = '\0';
    return true;
}

static bool matches_regex(const char *node, const char *pattern, bool *is, struct svi_error *err)
{
    char posix[2 * MOST_PATTERN + 8];
    regex_t regex;
    if (!translate(posix, pattern) || regcomp(&regex, posix, REG_EXTENDED | REG_NOSUB) != 0)
        return svi_fail(err, SVI_BAD_ANSWER, "A request of remote control has a regular expression that is not understood here.");
    *is = regexec(&regex, node, 0, NULL, 0) == 0;
    regfree(&regex);
    return true;
}

static bool matches(const char *node, const char *pattern, const char *matcher, bool *is, struct svi_error *err)
{
    if (strlen(pattern) > MOST_PATTERN)
        return svi_fail(err, SVI_BAD_ANSWER, "A request of remote control has a pattern of more than %d bytes.", MOST_PATTERN);
    if (strcmp(matcher, "pcre") == 0)
        return matches_regex(node, pattern, is, err);
    if (strcmp(matcher, "glob") != 0)
        return svi_fail(err, SVI_BAD_ANSWER, "A request of remote control has a matcher other than glob and pcre.");
    *is = fnmatch(pattern, node, FNM_NOESCAPE) == 0;
    return true;
}

static bool is_text_or_none(const json_t *value)
{
    return !value || json_is_null(value) || json_is_string(value);
}

bool svi_control_is_for(const char *node, const json_t *destination, const json_t *pattern, const json_t *matcher, bool *is,
                        struct svi_error *err)
{
    *is = true;
    bool sound = is_text_or_none(pattern) && is_text_or_none(matcher)
                 && (json_is_array(destination) || is_text_or_none(destination));
    if (!sound) /* better done by nobody than by everybody */
        return svi_fail(err, SVI_BAD_ANSWER, "A request of remote control does not say clearly whom it is for.");
    if (json_is_string(destination) && json_string_length(destination)) { /* Python looks for the name inside the text */
        *is = strstr(json_string_value(destination), node);
        return true;
    }
    if (json_array_size(destination)) {
        const json_t *name;
        size_t index;
        *is = false;
        json_array_foreach(destination, index, name) *is = *is || (json_is_string(name) && !strcmp(json_string_value(name), node));
        return true;
    }
    if (json_string_length(pattern) && json_string_length(matcher))
        return matches(node, json_string_value(pattern), json_string_value(matcher), is, err);
    return true;
}

static bool is_request(const json_t *body, struct svi_error *err)
{
    const json_t *arguments = json_object_get(body, "arguments");
    if (!json_is_string(json_object_get(body, "method")))
        return svi_fail(err, SVI_BAD_ANSWER, "A message of remote control names no method.");
    return !arguments || json_is_null(arguments) || json_is_object(arguments)
           || svi_fail(err, SVI_BAD_ANSWER, "A request of remote control has arguments that are %s.", svi_json_kind(arguments));
}

/* Where the answer goes; false: nobody waits for one. */
static bool read_addressee(struct svi_control_reply *reply, const json_t *body, const json_t *headers, double now_s)
{
    const json_t *to = json_object_get(body, "reply_to"), *expires = json_object_get(headers, "expires");
    const char *exchange = json_string_value(json_object_get(to, "exchange")),
               *key = json_string_value(json_object_get(to, "routing_key"));
    bool late = json_is_number(expires) && json_number_value(expires) + LATE_S < now_s;
    return exchange && key && !late && svi_format(reply->exchange, sizeof reply->exchange, "%s", exchange)
           && svi_format(reply->key, sizeof reply->key, "%s", key);
}

static bool write_reply(struct svi_control_reply *reply, const struct svi_control_node *node, const json_t *ticket, json_t *answer,
                        struct svi_error *err)
{
    json_t *body = json_pack("{s:O}", node->name, answer);
    bool ok = body ? svi_celery_message_init(&reply->message, body, err) : svi_fail_memory(err, sizeof(json_t));
    json_decref(body);
    if (!ok)
        return false;
    json_int_t clock = (json_int_t)svi_celery_clock_forward(node->clock);
    if (json_object_set_new(reply->message.headers, "ticket", json_is_string(ticket) ? json_copy((json_t *)ticket) : json_null())
            == 0
        && json_object_set_new(reply->message.headers, "clock", json_integer(clock)) == 0
        && json_object_set_new(reply->message.properties, "delivery_mode", json_integer(1)) == 0
        && json_object_set_new(reply->message.properties, "priority", json_integer(0)) == 0)
        return true;
    svi_celery_message_clear(&reply->message);
    return svi_fail_memory(err, sizeof(json_t));
}

static bool carry_out(const struct svi_control_node *node, const json_t *body, const json_t *headers, double now_s,
                      struct svi_control_reply *reply, struct svi_error *err)
{
    bool is;
    if (!is_request(body, err)
        || !svi_control_is_for(node->name, json_object_get(body, "destination"), json_object_get(body, "pattern"),
                               json_object_get(body, "matcher"), &is, err))
        return false;
    if (!is)
        return true;
    json_t *answer = svi_control_answer(node, json_string_value(json_object_get(body, "method")),
                                        json_object_get(body, "arguments"));
    bool ok = true;
    if (answer && read_addressee(reply, body, headers, now_s)) {
        ok = write_reply(reply, node, json_object_get(body, "ticket"), answer, err);
        reply->wanted = ok;
    }
    json_decref(answer);
    return ok;
}

bool svi_control_handle(const struct svi_control_node *node, const struct svi_celery_message *request, double now_s,
                        struct svi_control_reply *reply, struct svi_error *err)
{
    *reply = (struct svi_control_reply){ 0 };
    svi_celery_clock_adjust(node->clock, json_integer_value(json_object_get(request->headers, "clock")));
    json_t *body = svi_celery_message_json(request, err);
    bool ok = body && carry_out(node, body, request->headers, now_s, reply, err);
    json_decref(body);
    return ok;
}
