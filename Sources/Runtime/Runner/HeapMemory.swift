import CLinux

/// How the process's heap gives memory back.
enum HeapMemory {
    /// Large blocks go back as soon as they are freed: a session's making needs several times its largest weight, and
    /// the heap would keep that.
    static func load() { lamella_heap_for_loading() }

    /// What was freed goes back now; blocks that come and go with each run stay.
    static func release() { lamella_heap_for_running() }
}
