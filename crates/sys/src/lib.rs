//! The kernel interface: namespaces, Landlock, seccomp, resource limits. The only unsafe code.
