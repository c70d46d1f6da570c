# Runs modules of Python's own test suite; prints each test's verdict, without times and without what describes the machine.
cd /tmp || exit 1
for module in "$@"; do
    python3 -m test -v "$module" >$module.log 2>&1
    status=$?
    sed -n -E -e 's/ \.\.\. +$/ ... /' -e '/^[A-Za-z_0-9]+ \(.*\.\.\. /p' -e '/^(FAIL|ERROR)/p' -e '/^(OK|FAILED)/p' -e 's/^(Ran [0-9]+ tests?) in .*/\1/p' -e '/^(Traceback|AssertionError|[A-Za-z]*Error:)/p' $module.log
    echo "$module: exit status $status"
    rm -f $module.log
done
