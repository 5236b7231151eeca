import CFuse
import Glibc
import MQTT
import Synchronization

/// What a file system needs to know of the files that it serves.
protocol ServedFiles: AnyObject, Sendable {
    func entry(at path: String) throws(KernelError) -> VirtualBoard.Entry
    func checkOpen(_ path: String, reading: Bool, writing: Bool) throws(KernelError)
    /// - Parameter thread: the id of the thread that asks.
    func read(_ path: String, for thread: Int) throws(KernelError) -> [UInt8]
    func write(_ path: String, _ bytes: [UInt8], for thread: Int) throws(KernelError)
}

/// A virtual board's files, mounted. One thread of this process serves them.
final class BoardFileSystem: Sendable {
    let mountPoint: String
    private let isMounted = Mutex(true)

    /// Mounts the files at a folder, which must exist. Blocks for milliseconds.
    ///
    /// - Throws: `TestbedError`: most often there is no `/dev/fuse`.
    init(_ files: any ServedFiles, at mountPoint: String) throws(TestbedError) {
        self.mountPoint = mountPoint
        guard access("/dev/fuse", R_OK | W_OK) == 0 else {
            throw TestbedError(
                "cannot open /dev/fuse, which virtual boards' files need; load the module fuse", code: errno)
        }
        let holder = Holder(files)
        let context = Unmanaged.passRetained(holder)
        var operations = Self.operations
        var session: OpaquePointer?
        Self.withArguments(["lamella-testbed", "-o", "default_permissions,allow_other,fsname=lamella-testbed"]) {
            arguments in session = lamella_fuse_new(&arguments, &operations, context.toOpaque())
        }
        guard let session else {
            context.release()
            throw TestbedError("libfuse refuses to serve \(mountPoint)")
        }
        guard fuse_mount(session, mountPoint) == 0 else {
            fuse_destroy(session)
            context.release()
            throw TestbedError("cannot mount a FUSE file system at \(mountPoint); is this root, with CAP_SYS_ADMIN?")
        }
        let loop = Loop(session: session, context: context)
        guard
            OwnThread.tryStart({
                // Ends when the file system is unmounted.
                _ = fuse_loop(loop.session)
                fuse_destroy(loop.session)
                loop.context.release()
            })
        else {
            umount2(mountPoint, Int32(MNT_DETACH))
            throw TestbedError("cannot start a thread to serve \(mountPoint)")
        }
    }

    /// Takes the files away, at once also where somebody has one open. Safe to call again.
    func unmount() {
        let first = isMounted.withLock { mounted in
            defer { mounted = false }
            return mounted
        }
        if first { umount2(mountPoint, Int32(MNT_DETACH)) }
    }

    deinit { unmount() }

    private struct Loop: @unchecked Sendable {
        let session: OpaquePointer
        let context: Unmanaged<Holder>
    }

    /// What libfuse's callbacks find their files by.
    fileprivate final class Holder: @unchecked Sendable {
        let files: any ServedFiles
        /// What udev rules and people change. Touched by the serving thread alone.
        var changes: [String: Change] = [:]

        init(_ files: any ServedFiles) { self.files = files }
    }

    fileprivate struct Change {
        var user: uid_t?
        var group: gid_t?
        var permissions: mode_t?
    }

    private static func withArguments(_ texts: [String], _ body: (inout fuse_args) -> Void) {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        pointers.withUnsafeMutableBufferPointer { buffer in
            var arguments = fuse_args(argc: Int32(texts.count), argv: buffer.baseAddress, allocated: 0)
            body(&arguments)
            fuse_opt_free_args(&arguments)
        }
    }
}

// MARK: - What the kernel asks

extension BoardFileSystem {
    private static var holder: Holder? {
        guard let context = fuse_get_context(), let data = context.pointee.private_data else { return nil }
        return Unmanaged<Holder>.fromOpaque(data).takeUnretainedValue()
    }

    /// The thread whose question is being answered.
    private static var asking: Int { Int(fuse_get_context()?.pointee.pid ?? 0) }

    /// Answers one question: 0 or more, or a negative `errno`.
    private static func answer(
        _ path: UnsafePointer<CChar>?, _ body: (Holder, String) throws(KernelError) -> Int32
    ) -> Int32 {
        guard let path, let holder else { return -EIO }
        do throws(KernelError) {
            return try body(holder, String(cString: path))
        } catch {
            return -error.code
        }
    }

    fileprivate static let operations: fuse_operations = {
        var operations = fuse_operations()
        operations.`init` = { _, configuration in
            // Every question comes to us, as in sysfs; what is read now may be different from what was read before.
            configuration?.pointee.attr_timeout = 0
            configuration?.pointee.entry_timeout = 0
            configuration?.pointee.negative_timeout = 0
            configuration?.pointee.direct_io = 1
            return fuse_get_context()?.pointee.private_data
        }
        operations.getattr = { path, status, _ in
            answer(path) { holder, path throws(KernelError) in
                guard let status else { return -EIO }
                status.pointee = stat()
                status.pointee.st_nlink = 1
                switch try holder.files.entry(at: path) {
                case .folder(let names):
                    status.pointee.st_mode = S_IFDIR | 0o755
                    status.pointee.st_nlink = 2 + nlink_t(names.count)
                case .link(let target):
                    status.pointee.st_mode = S_IFLNK | 0o777
                    status.pointee.st_size = target.utf8.count
                case .file(let permissions):
                    status.pointee.st_mode = S_IFREG | mode_t(permissions)
                    // In sysfs every file is a page long, in /proc empty; nobody can tell before reading.
                    status.pointee.st_size = path.hasPrefix("/proc/") ? 0 : 4096
                }
                let change = holder.changes[path]
                if let permissions = change?.permissions {
                    status.pointee.st_mode = status.pointee.st_mode & S_IFMT | permissions
                }
                status.pointee.st_uid = change?.user ?? 0
                status.pointee.st_gid = change?.group ?? 0
                return 0
            }
        }
        operations.readlink = { path, buffer, size in
            answer(path) { holder, path throws(KernelError) in
                guard case .link(let target) = try holder.files.entry(at: path) else { throw .invalid }
                guard let buffer, size > 0 else { return -EIO }
                let bytes = target.utf8.prefix(size - 1)
                for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
                buffer[bytes.count] = 0
                return 0
            }
        }
        operations.readdir = { path, buffer, fill, _, _, _ in
            answer(path) { holder, path throws(KernelError) in
                guard case .folder(let names) = try holder.files.entry(at: path) else { throw .noFolder }
                for name in [".", ".."] + names where fill?(buffer, name, nil, 0, fuse_fill_dir_flags(0)) != 0 { break }
                return 0
            }
        }
        operations.open = { path, file in
            answer(path) { holder, path throws(KernelError) in
                guard let flags = file?.pointee.flags else { return -EIO }
                // Whoever inherits an open file closes it without asking, as in sysfs: a board that hangs must not
                // hang what its agent starts.
                file?.pointee.noflush = 1
                let mode = flags & O_ACCMODE
                try holder.files.checkOpen(path, reading: mode != O_WRONLY, writing: mode != O_RDONLY)
                return 0
            }
        }
        operations.read = { path, buffer, size, offset, _ in
            answer(path) { holder, path throws(KernelError) in
                let bytes = try holder.files.read(path, for: asking)
                guard let buffer, offset >= 0, offset < bytes.count else { return 0 }
                let part = bytes[Int(offset)...].prefix(size)
                for (index, byte) in part.enumerated() { buffer[index] = CChar(bitPattern: byte) }
                return Int32(part.count)
            }
        }
        operations.write = { path, buffer, size, _, _ in
            answer(path) { holder, path throws(KernelError) in
                guard let buffer else { return -EIO }
                let bytes = UnsafeRawBufferPointer(start: buffer, count: size)
                try holder.files.write(path, Array(bytes), for: asking)
                return Int32(size)
            }
        }
        // Shells open with O_TRUNC; sysfs lets them.
        operations.truncate = { path, _, _ in
            answer(path) { holder, path throws(KernelError) in
                try holder.files.checkOpen(path, reading: false, writing: true)
                return 0
            }
        }
        operations.chmod = { path, mode, _ in
            answer(path) { holder, path throws(KernelError) in
                _ = try holder.files.entry(at: path)
                holder.changes[path, default: Change()].permissions = mode & 0o7777
                return 0
            }
        }
        operations.chown = { path, user, group, _ in
            answer(path) { holder, path throws(KernelError) in
                _ = try holder.files.entry(at: path)
                if user != uid_t.max { holder.changes[path, default: Change()].user = user }
                if group != gid_t.max { holder.changes[path, default: Change()].group = group }
                return 0
            }
        }
        operations.utimens = { _, _, _ in 0 }
        operations.mknod = { _, _, _ in -EACCES }
        operations.mkdir = { _, _ in -EPERM }
        operations.unlink = { _ in -EPERM }
        operations.rmdir = { _ in -EPERM }
        operations.symlink = { _, _ in -EPERM }
        operations.link = { _, _ in -EPERM }
        operations.rename = { _, _, _ in -EPERM }
        return operations
    }()
}
