# Run in the guest (ringside linux --script): makes the kernel print its own stack traces. The module is there if the ramdisk has /traces.ko.
# The kernel's argument last=NAME chooses what ends it: one of the module's, or sysrq c.
echo 8 > /proc/sys/kernel/printk
sleep 1000 & # sleeps in a system call
(while :; do :; done) & # computes: it can only be preempted
spins=$!
cat /dev/zero > /dev/null &
reads=$!
sleep 0.02
for key in l w t; do
    echo "sysrq $key"
    echo $key > /proc/sysrq-trigger
done
kill $spins $reads
if [ -f /traces.ko ]; then
    insmod /traces.ko || echo "the module does not fit this kernel"
    for name in $(cat /proc/ringside-traces); do
        sh -c "echo $name > /proc/ringside-traces"
        sleep 0.05 # the log is printed before the next
    done
fi
for key in l w t; do
    echo "sysrq $key again"
    echo $key > /proc/sysrq-trigger
done
last=$(sed -n 's/.*last=\([a-z_]*\).*/\1/p' /proc/cmdline)
[ -z "$last" ] || sh -c "echo $last > /proc/ringside-traces"
echo "sysrq c"
echo c > /proc/sysrq-trigger
