// A module for Debian's kernel whose only purpose is to make the kernel print its own stack traces, in as many contexts as there are.
// `echo NAME > /proc/ringside-traces` makes the one called NAME; `cat` lists the names but those
// that end the kernel. Several of them kill the writing process.
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <asm/apic.h>
#include <asm/nmi.h>

static volatile int sink;
static struct completion done;

// Functions with frames of different sizes, so that a trace that skips one or reads the wrong word is seen.
static __attribute__((noipa)) void innermost(void) { dump_stack(); sink++; }
static __attribute__((noipa)) int small(int a) { innermost(); return a + sink; }
static __attribute__((noipa)) int large(int a)
{
	volatile char room[320];

	room[a & 255] = (char)a;
	sink += small(a + 1);
	return room[a & 255] + sink;
}
static __attribute__((noipa)) int recursive(int depth) { return depth == 0 ? large(1) : recursive(depth - 1) + sink; }
static __attribute__((noipa)) int aligned(int a)
{
	volatile char room[64] __aligned(64);

	room[a & 63] = 1;
	sink += large(a);
	return room[a & 63];
}

static void from_process(void) { sink += aligned(recursive(4)); }

static void timer_body(struct timer_list *t) { innermost(); complete(&done); }
static DEFINE_TIMER(timer, timer_body);
static void from_softirq(void)
{
	mod_timer(&timer, jiffies + 2);
	wait_for_completion(&done);
}
// The same while this task computes: the softirq then runs on top of a hard interrupt that interrupted kernel code.
static __attribute__((noipa)) void spin_until_done(void)
{
	while (!completion_done(&done)) sink++;
	wait_for_completion(&done);
}
static void from_softirq_over_kernel(void)
{
	mod_timer(&timer, jiffies + 2);
	spin_until_done();
}

static void tasklet_body(struct tasklet_struct *t) { small(1); complete(&done); }
static DECLARE_TASKLET(tasklet, tasklet_body);
static void by_tasklet(void)
{
	tasklet_schedule(&tasklet);
	wait_for_completion(&done);
}

static struct hrtimer hr;
static enum hrtimer_restart hrtimer_body(struct hrtimer *t) { large(2); complete(&done); return HRTIMER_NORESTART; }
static void from_hard_timer(void)
{
	hrtimer_init(&hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hr.function = hrtimer_body;
	hrtimer_start(&hr, ms_to_ktime(3), HRTIMER_MODE_REL_HARD);
	spin_until_done();
}
static void from_hard_timer_over_idle(void)
{
	hrtimer_init(&hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hr.function = hrtimer_body;
	hrtimer_start(&hr, ms_to_ktime(3), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&done);
}

static void irq_work_body(struct irq_work *w) { innermost(); complete(&done); }
static struct irq_work work_irq = IRQ_WORK_INIT_HARD(irq_work_body);
static void from_irq_work(void)
{
	irq_work_queue(&work_irq);
	spin_until_done();
}

static int nmi_body(unsigned int type, struct pt_regs *regs)
{
	if (completion_done(&done)) return NMI_DONE;
	small(3);
	complete(&done);
	return NMI_HANDLED;
}
static __attribute__((noipa)) void send_nmi(void)
{
	apic->send_IPI(smp_processor_id(), NMI_VECTOR);
	spin_until_done();
}
static void from_nmi_handler(void)
{
	register_nmi_handler(NMI_LOCAL, nmi_body, 0, "ringside-traces");
	send_nmi();
	unregister_nmi_handler(NMI_LOCAL, "ringside-traces");
}
static enum hrtimer_restart nmi_from_irq(struct hrtimer *t)
{
	apic->send_IPI(smp_processor_id(), NMI_VECTOR);
	return HRTIMER_NORESTART;
}
static void from_nmi_over_irq(void)
{
	register_nmi_handler(NMI_LOCAL, nmi_body, 0, "ringside-traces");
	hrtimer_init(&hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hr.function = nmi_from_irq;
	hrtimer_start(&hr, ms_to_ktime(3), HRTIMER_MODE_REL_HARD);
	spin_until_done();
	unregister_nmi_handler(NMI_LOCAL, "ringside-traces");
}

static void work_body(struct work_struct *w) { aligned(5); complete(&done); }
static DECLARE_WORK(work, work_body);
static void from_workqueue(void)
{
	schedule_work(&work);
	wait_for_completion(&done);
}

static int thread_body(void *arg) { recursive(2); complete(&done); return 0; }
static void from_kthread(void)
{
	kthread_run(thread_body, NULL, "ringside-thread");
	wait_for_completion(&done);
}

static void rcu_body(struct rcu_head *h) { innermost(); complete(&done); }
static struct rcu_head rcu;
static void from_rcu(void)
{
	call_rcu(&rcu, rcu_body);
	wait_for_completion(&done);
}

static void call_body(void *arg) { innermost(); }
static void from_function_call(void) { smp_call_function_single(smp_processor_id(), call_body, NULL, 1); }

static __attribute__((noipa)) int probed(int a) { sink += a; return sink; }
static int probe_body(struct kprobe *p, struct pt_regs *regs) { dump_stack(); return 0; }
static void probe(const char *symbol, unsigned int offset, void (*trigger)(void))
{
	struct kprobe p = { .symbol_name = symbol, .offset = offset, .pre_handler = probe_body };

	if (register_kprobe(&p)) { pr_info("ringside-traces: no kprobe at %s\n", symbol); return; }
	trigger();
	unregister_kprobe(&p);
}
static __attribute__((noipa)) void call_probed(void) { sink += probed(3); }
static void from_probe(void) { probe("probed", 0, call_probed); }

static int return_body(struct kretprobe_instance *i, struct pt_regs *regs) { dump_stack(); return 0; }
static void from_return_probe(void)
{
	struct kretprobe p = { .kp.symbol_name = "probed", .handler = return_body, .maxactive = 4 };

	if (register_kretprobe(&p)) { pr_info("ringside-traces: no kretprobe\n"); return; }
	call_probed();
	unregister_kretprobe(&p);
}
// While `large` runs its return address is the probe's trampoline; the kernel's unwinder names the real caller.
static int ignore_return(struct kretprobe_instance *i, struct pt_regs *regs) { return 0; }
static void under_return_probe(void)
{
	struct kretprobe p = { .kp.symbol_name = "large", .handler = ignore_return, .maxactive = 4 };

	if (register_kretprobe(&p)) { pr_info("ringside-traces: no kretprobe\n"); return; }
	aligned(1);
	unregister_kretprobe(&p);
}

// Touches a page of the writer's that was never touched: the kernel faults in copy_to_user.
static void touch_user(void)
{
	unsigned long at = vm_mmap(NULL, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, 0);

	if (IS_ERR_VALUE(at)) return;
	if (clear_user((void __user *)at, 100)) pr_info("ringside-traces: cannot clear\n");
	vm_munmap(at, 8192);
}
static void from_page_fault(void) { probe("handle_mm_fault", 0, touch_user); }

static void traced(unsigned long ip, unsigned long parent, struct ftrace_ops *ops, struct ftrace_regs *regs) { dump_stack(); }
static void from_ftrace(void)
{
	static struct ftrace_ops ops = { .func = traced, .flags = FTRACE_OPS_FL_RECURSION };

	if (ftrace_set_filter(&ops, "probed", 6, 1) || register_ftrace_function(&ops)) { pr_info("ringside-traces: no ftrace\n"); return; }
	call_probed();
	unregister_ftrace_function(&ops);
}

static void warn(void) { WARN_ON(sink != -1); }
static void warn_text(void) { WARN(1, "ringside-traces: a warning with text %d\n", 7); }
static __attribute__((noipa)) void warn_nested(void) { WARN_ON_ONCE(1); sink++; }
static void warn_once(void) { warn_nested(); sink++; }
static __attribute__((noipa)) void warn_in_timer(struct timer_list *t) { WARN_ON(1); complete(&done); }
static DEFINE_TIMER(warning_timer, warn_in_timer);
static void warn_softirq(void)
{
	mod_timer(&warning_timer, jiffies + 2);
	wait_for_completion(&done);
}
static void list_corruption(void)
{
	struct list_head a, b;

	INIT_LIST_HEAD(&a);
	list_add(&b, &a);
	a.next = &a;
	list_del(&b);
}
static void atomic_sleep(void)
{
	preempt_disable();
	schedule();
	preempt_enable();
}

static __attribute__((noipa)) void bug_inner(void) { BUG(); }
static void bug(void) { bug_inner(); sink++; }
static __attribute__((noipa)) void null_inner(int *p) { *p = 1; }
static void null_write(void) { null_inner((int *)(long)(sink & 0)); sink++; }
static __attribute__((noipa)) int read_at(volatile int *p) { return *p + sink; }
static void null_read(void) { sink += read_at((int *)16); }
static void noncanonical(void) { sink += read_at((int *)0x1234567812345678); }
static __attribute__((noipa)) int divide_by(int a, int b) { asm volatile("cltd; idivl %1" : "+a"(a) : "r"(b) : "rdx"); return a; }
static void divide(void) { sink += divide_by(5, sink & 0); }
static void undefined(void) { asm volatile("ud2"); }
static void fatal_breakpoint(void) { asm volatile("int3"); }
static void jump_to_null(void)
{
	void (*volatile f)(void) = NULL;

	f();
	sink++;
}
static void execute_data(void)
{
	void (*volatile f)(void) = (void *)&sink;

	f();
	sink++;
}
static __attribute__((noipa)) int overflow(int a)
{
	volatile char room[512];

	room[a & 511] = 1;
	sink++;
	return overflow(a + 1) + room[a & 511];
}
static void fatal_stack_overflow(void) { sink += overflow(1); }
static enum hrtimer_restart oops_body(struct hrtimer *t) { sink += read_at((int *)8); return HRTIMER_NORESTART; }

static int stuck_body(void *arg)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	return 0;
}
static void stuck(void) { kthread_run(stuck_body, NULL, "ringside-stuck"); }
static void fatal_in_interrupt(void)
{
	hrtimer_init(&hr, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hr.function = oops_body;
	hrtimer_start(&hr, ms_to_ktime(3), HRTIMER_MODE_REL_HARD);
	spin_until_done();
}

static const struct { const char *name; void (*run)(void); } cases[] = {
#define CASE(f) { #f, f }
	CASE(from_process), CASE(from_softirq), CASE(from_softirq_over_kernel), CASE(by_tasklet), CASE(from_hard_timer), CASE(from_hard_timer_over_idle),
	CASE(from_irq_work), CASE(from_nmi_handler), CASE(from_nmi_over_irq), CASE(from_workqueue), CASE(from_kthread), CASE(from_rcu), CASE(from_function_call), CASE(from_probe),
	CASE(from_return_probe), CASE(under_return_probe), CASE(from_page_fault), CASE(from_ftrace), CASE(warn), CASE(warn_text), CASE(warn_once),
	CASE(warn_softirq), CASE(list_corruption), CASE(atomic_sleep), CASE(bug), CASE(null_write), CASE(null_read), CASE(noncanonical), CASE(divide),
	CASE(undefined), CASE(jump_to_null), CASE(execute_data), CASE(stuck),
	// These end the kernel.
	CASE(fatal_breakpoint), CASE(fatal_in_interrupt), CASE(fatal_stack_overflow),
};

static int list_names(struct seq_file *s, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(cases) && strncmp(cases[i].name, "fatal", 5); i++) seq_printf(s, "%s\n", cases[i].name);
	return 0;
}
static int open(struct inode *i, struct file *f) { return single_open(f, list_names, NULL); }
static ssize_t write(struct file *f, const char __user *from, size_t n, loff_t *at)
{
	char name[32] = "";
	int i;

	if (n >= sizeof(name) || copy_from_user(name, from, n)) return -EINVAL;
	strim(name);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strcmp(name, cases[i].name)) continue;
		init_completion(&done);
		pr_info("ringside-traces: %s\n", name);
		cases[i].run();
		return n;
	}
	return -ENOENT;
}
static const struct proc_ops operations = {
	.proc_open = open, .proc_read = seq_read, .proc_lseek = seq_lseek, .proc_release = single_release, .proc_write = write,
};

static int __init start(void) { return proc_create("ringside-traces", 0600, NULL, &operations) ? 0 : -ENOMEM; }
static void __exit end(void) { remove_proc_entry("ringside-traces", NULL); }
module_init(start);
module_exit(end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Makes the kernel print its own stack traces, for Ringside's tests");
