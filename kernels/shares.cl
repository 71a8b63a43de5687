/* shares - how items are shared out evenly: share s of S holds the items from share_begin(s) to before share_begin(s + 1). No kernel of its
 * own: this text stands in front of every kernel's. */
ulong share_begin(ulong share, ulong total, ulong shares)
{
    return (share * total + shares - 1) / shares;
}
