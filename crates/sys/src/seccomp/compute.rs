use super::{
    Argument::{Has, Is, Lacks, OwnPid},
    Call, Profile,
};

const STDIN: u32 = 0;
const STDOUT: u32 = 1;
const STDERR: u32 = 2;
const EXEC: u64 = libc::PROT_EXEC as u64;
const ANONYMOUS: u64 = libc::MAP_ANONYMOUS as u64;

/// For a process that turns bytes on standard input into bytes on standard output, and has all
/// its threads already: no file, socket, program, process, thread, signal to others, new
/// executable page, or timer.
pub const COMPUTE: Profile = Profile {
    name: "compute",
    allow: &[
        Call {
            number: libc::SYS_read,
            when: &[Is(0, STDIN)],
            why: "the request",
        },
        Call {
            number: libc::SYS_write,
            when: &[Is(0, STDOUT)],
            why: "the answers",
        },
        Call {
            number: libc::SYS_write,
            when: &[Is(0, STDERR)],
            why: "a panic's last words",
        },
        Call {
            number: libc::SYS_writev,
            when: &[Is(0, STDERR)],
            why: "the same, in pieces",
        },
        Call {
            number: libc::SYS_mmap,
            when: &[Lacks(2, EXEC), Has(3, ANONYMOUS)],
            why: "memory from the allocator; neither code nor a file",
        },
        Call {
            number: libc::SYS_mprotect,
            when: &[Lacks(2, EXEC)],
            why: "an arena's growth",
        },
        Call {
            number: libc::SYS_munmap,
            when: &[],
            why: "memory back",
        },
        Call {
            number: libc::SYS_mremap,
            when: &[],
            why: "a large vector's growth",
        },
        Call {
            number: libc::SYS_brk,
            when: &[],
            why: "the main arena",
        },
        Call {
            number: libc::SYS_madvise,
            when: &[],
            why: "an arena's trimming",
        },
        Call {
            number: libc::SYS_futex,
            when: &[],
            why: "locks, and the main thread's wait",
        },
        Call {
            number: libc::SYS_sched_yield,
            when: &[],
            why: "spinning locks",
        },
        Call {
            number: libc::SYS_getrandom,
            when: &[],
            why: "seeds of hash tables",
        },
        Call {
            number: libc::SYS_clock_gettime,
            when: &[],
            why: "clocks without a vDSO",
        },
        Call {
            number: libc::SYS_rt_sigreturn,
            when: &[],
            why: "back from a signal handler",
        },
        Call {
            number: libc::SYS_rt_sigaction,
            when: &[],
            why: "an overflowing stack's report",
        },
        Call {
            number: libc::SYS_rt_sigprocmask,
            when: &[],
            why: "abort, which unblocks SIGABRT",
        },
        Call {
            number: libc::SYS_sigaltstack,
            when: &[],
            why: "a thread's end",
        },
        Call {
            number: libc::SYS_gettid,
            when: &[],
            why: "abort, which signals its own thread",
        },
        Call {
            number: libc::SYS_getpid,
            when: &[],
            why: "abort, the same",
        },
        Call {
            number: libc::SYS_tgkill,
            when: &[OwnPid(0)],
            why: "abort: itself, nobody else",
        },
        Call {
            number: libc::SYS_exit,
            when: &[],
            why: "a thread's end",
        },
        Call {
            number: libc::SYS_exit_group,
            when: &[],
            why: "the process's end",
        },
    ],
    refuse: &[
        Call {
            number: libc::SYS_openat,
            when: &[],
            why: "glibc's allocator looks at /proc/sys/vm/overcommit_memory before it shrinks",
        },
        Call {
            number: libc::SYS_sched_getaffinity,
            when: &[],
            why: "glibc's allocator counts processors before it adds an arena",
        },
    ],
};
