/* shares - how items are shared out evenly: share s of S holds the items from share_begin(s) to before share_begin(s + 1). No kernel of its
 * own: this text stands in front of every kernel's. */
ulong share_begin(ulong share, ulong total, ulong shares)
{
    return (share * total + shares - 1) / shares;
}

/* The other rule, where it does not matter what lies side by side: work-items take turns. The first turn from `from` on of one of them. */
ulong turn_begin(ulong from, ulong item, ulong items)
{
    return from + (item + items - from % items) % items;
}

/* What any() says of flags that are 0 or all ones; it would ask lane by lane. */
bool any_of(char16 flags)
{
    const ulong2 both = as_ulong2(flags);
    return (both.x | both.y) != 0;
}
