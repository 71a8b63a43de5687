#!/bin/sh
# check_package.sh BUILD SCRATCH - `cpack` makes a package that has all it needs, names all it depends on, and keeps settings.
set -eu
for tool in cpack dpkg-deb dpkg-shlibdeps dpkg-query; do
    command -v "$tool" >/dev/null || {
        echo "SKIP: there is no $tool"
        exit 77
    }
done
rm -rf -- "$2"
mkdir -p -- "$2"
(cd -- "$1" && cpack -B "$2/made" >"$2/log" 2>&1) || {
    cat "$2/log"
    exit 1
}
package=$(echo "$2"/made/*.deb)
dpkg-deb -e "$package" "$2/control"
dpkg-deb -x "$package" "$2/root"

fail() {
    echo "$package: $*"
    failed=1
}
failed=0
for file in usr/bin/svi-worker usr/lib/systemd/system/svi-worker.service usr/share/man/man1/svi-worker.1.gz \
    usr/share/doc/svi-worker/copyright etc/default/svi-worker; do
    [ -s "$2/root/$file" ] || fail "there is no $file"
done
[ "$(stat -c %a "$2/root/etc/default/svi-worker")" = 600 ] || fail "others can read a password in /etc/default/svi-worker"
grep -qx /etc/default/svi-worker "$2/control/conffiles" || fail "an upgrade would lose the settings"
for script in postinst prerm postrm; do
    [ -x "$2/control/$script" ] || fail "$script cannot be run"
done

# What the program loads late, it has to find where the package alone was installed.
names=$(strings "$2/root/usr/bin/svi-worker" | grep -E '^lib(archive|curl|hdf5|microhttpd)[a-z_]*\.so\.[0-9]+$' | sort -u)
[ -n "$names" ] || fail "the program names no library that it loads late"
for name in $names; do
    owner=$(dpkg-query --search "*/$name" | sed -n '1s/[:,].*//p')
    grep -qE "^Depends:.*[ ,]${owner}[ ,]" "$2/control/control" || fail "it does not depend on $owner, which has $name"
done

"$2/root/usr/bin/svi-worker" --version >/dev/null || fail "the program does not run"
# Each variable of the settings is one that the program knows.
"$2/root/usr/bin/svi-worker" serve --help >"$2/help"
variables=$(sed -n 's/^\([A-Z_]*\)=.*/\1/p' "$2/root/etc/default/svi-worker")
for variable in $variables; do
    grep -q "$variable" "$2/help" || fail "nobody heeds $variable"
done
exit $failed
