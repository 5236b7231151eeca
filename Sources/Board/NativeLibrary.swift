import Glibc

/// A shared library opened at run time, so that only the process that needs it pays for it.
///
/// It stays open for the life of the process: code of it may still run on its own threads.
public struct NativeLibrary: Sendable {
    /// What was opened, as it was given to `dlopen`.
    public let path: String
    private let handle: Handle

    /// A `dlopen` handle may be used from any thread.
    private struct Handle: @unchecked Sendable {
        let pointer: UnsafeMutableRawPointer
    }

    /// Where a library may be, best place first; the last is the bare name, for the system's own search.
    ///
    /// `name` may end in `*` (`libonnxruntime.so.*`): each folder then gives its matching files, highest name first.
    /// Folders: the environment's `LAMELLA_NATIVE_DIR`; `../lib/lamella` beside the executable; `.native/lib` in a
    /// folder above the executable.
    public static func candidates(named name: String) -> [String] {
        candidates(
            named: name, environmentDirectory: getenv("LAMELLA_NATIVE_DIR").map { String(cString: $0) },
            executable: executablePath())
    }

    /// The same with the surroundings given.
    public static func candidates(named name: String, environmentDirectory: String?, executable: String?) -> [String] {
        var folders: [String] = []
        if let environmentDirectory, !environmentDirectory.isEmpty { folders.append(environmentDirectory) }
        if let executable {
            var folder = parent(of: executable)
            folders.append(parent(of: folder) + "/lib/lamella")
            while !folder.isEmpty {
                folders.append(folder + "/.native/lib")
                folder = parent(of: folder)
            }
        }
        var found: [String] = []
        for folder in folders {
            found += files(in: folder, matching: name)
        }
        // The bare name needs a version number that `*` does not give; the unversioned name is what is left.
        found.append(name.hasSuffix(".*") ? String(name.dropLast(2)) : name)
        return found
    }

    /// Opens the first of `candidates` that loads.
    ///
    /// - Throws: `NativeLibraryError` that names all that was tried.
    public static func open(named name: String) throws(NativeLibraryError) -> NativeLibrary {
        try open(candidates(named: name))
    }

    /// Opens the first of these paths that loads.
    ///
    /// - Throws: `NativeLibraryError` that names all that was tried.
    public static func open(_ candidates: [String]) throws(NativeLibraryError) -> NativeLibrary {
        var attempts: [String] = []
        for candidate in candidates {
            if let handle = dlopen(candidate, RTLD_NOW | RTLD_LOCAL) {
                return NativeLibrary(path: candidate, handle: Handle(pointer: handle))
            }
            attempts.append(dlerror().map { String(cString: $0) } ?? candidate)
        }
        throw NativeLibraryError(
            sentence: "no library could be opened (tried: \(attempts.joined(separator: "; "))); "
                + "run `make setup`, or name its folder in LAMELLA_NATIVE_DIR")
    }

    /// Opens one path.
    public static func open(_ path: String) throws(NativeLibraryError) -> NativeLibrary { try open([path]) }

    /// The address of an exported function or variable.
    ///
    /// - Throws: `NativeLibraryError` that names the library and the symbol.
    public func symbol(_ name: String) throws(NativeLibraryError) -> UnsafeMutableRawPointer {
        guard let address = dlsym(handle.pointer, name) else {
            throw NativeLibraryError(
                sentence: "\(path) has no symbol \(name); it is another library or another version than expected, "
                    + "run `make setup`")
        }
        return address
    }

    private static func executablePath() -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    private static func files(in folder: String, matching name: String) -> [String] {
        guard name.hasSuffix("*") else {
            let path = folder + "/" + name
            return access(path, F_OK) == 0 ? [path] : []
        }
        let prefix = String(name.dropLast())
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let entryName = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if entryName.hasPrefix(prefix) { names.append(entryName) }
        }
        return names.sorted(by: >).map { folder + "/" + $0 }
    }
}

/// Why a native library could not be used, in one sentence.
public struct NativeLibraryError: Error, CustomStringConvertible, Equatable {
    public let sentence: String

    public init(sentence: String) { self.sentence = sentence }

    public var description: String { sentence }
}
