/** What the unwinder knows of Linux: tasks, stacks, trampolines, exception tables, types. */
package ringside.unwinder.linux;
