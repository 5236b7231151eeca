/// The journal's file in the state folder. These calls block.
struct FrequencyJournalFile: Sendable {
    var path: String
    private let folder: String
    private let root: SystemRoot

    init(stateDirectory: String, root: SystemRoot) {
        folder = stateDirectory
        path = "\(stateDirectory)/\(FrequencyJournal.fileName)"
        self.root = root
    }

    private var temporary: String { path + ".new" }

    /// The id of this start of the kernel.
    var boot: String { (try? root.text(FrequencyJournal.bootIDPath)).flatMap(Self.oneWord) ?? "unknown" }

    private static func oneWord(_ text: String) -> String? {
        text.utf8.count <= 64 && text.utf8.allSatisfy { $0 > 32 && $0 < 127 } ? text : nil
    }

    /// The journal, of whatever start of the kernel; nil where there is none.
    ///
    /// - Throws: ``BoardFault``.
    func load() throws(BoardFault) -> FrequencyJournal? {
        let bytes: [UInt8]
        do throws(SystemErrno) {
            bytes = try root.files.read(path, maximumBytes: FrequencyJournal.maximumBytes)
        } catch {
            if error.isAbsence { return nil }
            throw fault("cannot be read (\(error))")
        }
        return try FrequencyJournal.parse(String(decoding: bytes, as: UTF8.self), path: path)
    }

    /// Returns once the journal survives a loss of power; what was there before stays until then.
    ///
    /// - Throws: ``BoardFault``.
    func save(_ journal: FrequencyJournal) throws(BoardFault) {
        do throws(SystemErrno) {
            try root.files.write(Array(journal.text.utf8), to: temporary)
            try root.files.sync(temporary)
            try root.files.rename(temporary, to: path)
            // The rename itself is durable only once the folder is.
            try root.files.sync(folder)
        } catch {
            throw fault("cannot be written (\(error))")
        }
    }

    /// - Throws: ``BoardFault``.
    func remove() throws(BoardFault) {
        do throws(SystemErrno) {
            // What a crash in `save` may have left.
            try root.files.remove(temporary)
            try root.files.remove(path)
            try root.files.sync(folder)
        } catch {
            throw fault("cannot be removed (\(error))")
        }
    }

    private func fault(_ problem: String) -> BoardFault {
        BoardFault(
            path, .failing, problem, consequence: "what the frequencies were before could not be kept",
            remedy: ["make the state folder \(folder) writable for this user and see that the disk is not full"])
    }
}
