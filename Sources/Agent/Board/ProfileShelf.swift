import Board
import Cluster
import Costs
import Glibc
import ModelGraph
import NIOPosix

/// The profiles that `lamella profile --config` left in the state directory, `profiles/<graph>.csv` for each model, in
/// the form in which they are announced.
package struct ProfileShelf: Sendable {
    /// A file that grows while a measurement runs is read again no more often than this.
    static let period: Duration = .seconds(5)

    private struct Entry: Sendable {
        var model: String
        /// Size and time of change of the file; what has not changed is not read again.
        var stamp: FileStamp
        var summaries: [ProfileSummary]
        var fault: String?
    }

    package struct FileStamp: Sendable, Equatable {
        var byteCount: Int
        var changedS: Int
        var changedNs: Int
    }

    package let folder: String
    private var entries: [String: Entry] = [:]
    var lastLook: Duration?

    package init(folder: String) { self.folder = folder }

    package static func folder(stateDirectory: String) -> String { stateDirectory + "/profiles" }
    package static func file(in folder: String, graphSHA256: String) -> String { "\(folder)/\(graphSHA256).csv" }

    /// In the models' order; nil where there are none.
    package var announced: [ProfileSummary]? {
        let all = entries.sorted { $0.value.model < $1.value.model }.flatMap(\.value.summaries)
        return all.isEmpty ? nil : Array(all.prefix(ClusterLimits.profilesPerBoard))
    }

    /// When what is announced of a model on a device was measured; nil where nothing is.
    package func measuredAt(model: String, device: DeviceID) -> String? {
        let sha256 = entries.first { $0.value.model == model }?.key
        return announced?.first { $0.graphSHA256 == sha256 && $0.device == device }.map { $0.measuredAt ?? "" }
    }

    /// Forgets what is of no model of the cluster any more.
    ///
    /// - Returns: true where something went.
    package mutating func keep(_ models: [ModelRecord]) -> Bool {
        let known = Set(models.map(\.graphSHA256))
        let gone = entries.keys.filter { !known.contains($0) }
        for key in gone { entries[key] = nil }
        return !gone.isEmpty
    }

    /// The file's stamp where it must be read; nil where there is none or it is as it was. Blocks.
    package func stampToRead(_ graphSHA256: String) -> FileStamp? {
        var found = stat()
        guard stat(Self.file(in: folder, graphSHA256: graphSHA256), &found) == 0 else { return nil }
        let stamp = FileStamp(
            byteCount: Int(found.st_size), changedS: Int(found.st_mtim.tv_sec), changedNs: Int(found.st_mtim.tv_nsec))
        return entries[graphSHA256]?.stamp == stamp ? nil : stamp
    }

    /// Reads a profile. Blocks.
    ///
    /// - Returns: what of it is announced, or why nothing is.
    package static func read(
        in folder: String, graphSHA256: String, layerNames: [String], devices: [DeviceID]
    ) -> Result<[ProfileSummary], ConfigurationError> {
        let path = file(in: folder, graphSHA256: graphSHA256)
        do {
            let profile = try ProfileFile.load(path, model: graphSHA256, layerNames: layerNames)
            return .success(devices.compactMap { ProfileSummary(profile, graphSHA256: graphSHA256, device: $0) })
        } catch {
            return .failure(ConfigurationError("\(error)"))
        }
    }

    /// Takes over what was read.
    ///
    /// - Returns: whether another summary is announced, and a sentence for the log where there is a new fault.
    package mutating func take(
        _ result: Result<[ProfileSummary], ConfigurationError>, of model: ModelRecord, stamp: FileStamp
    ) -> (isChanged: Bool, fault: String?) {
        let before = entries[model.graphSHA256]
        var entry = Entry(model: model.name, stamp: stamp, summaries: [])
        switch result {
        case .success(let summaries): entry.summaries = summaries
        case .failure(let error): entry.fault = error.description
        }
        entries[model.graphSHA256] = entry
        return (before?.summaries ?? [] != entry.summaries, entry.fault == before?.fault ? nil : entry.fault)
    }
}

extension Agent {
    /// Looks for profiles of the cluster's models, and announces what is new.
    func readProfilesIfDue() async {
        let models = member.view.models
        var isChanged = shelf.keep(models)
        let now = MonotonicTime.now
        let isDue = shelf.lastLook.map { now - $0 >= ProfileShelf.period } ?? true
        if isDue { shelf.lastLook = now }
        for record in models where isDue || !profileLooks.contains(record.graphSHA256) {
            guard await self.models.holdsGraph(of: record), let known = try? await self.models.model(record) else {
                continue
            }
            profileLooks.insert(record.graphSHA256)
            let devices = configuration.device.map(\.id)
            let read = try? await NIOThreadPool.singleton.runIfActive { [shelf] in
                shelf.stampToRead(record.graphSHA256).map { stamp in
                    (
                        stamp,
                        ProfileShelf.read(
                            in: shelf.folder, graphSHA256: record.graphSHA256, layerNames: known.layers.map(\.name),
                            devices: devices)
                    )
                }
            }
            guard let (stamp, result) = read ?? nil else { continue }
            let taken = shelf.take(result, of: record, stamp: stamp)
            if let fault = taken.fault { logger.warning("profile of model \(record.name): \(fault)") }
            if taken.isChanged {
                isChanged = true
                paces.forget(model: record.name)
                messages.forget(model: record.name)
                requestCosts.forget(model: record.name)
            }
        }
        profileLooks.formIntersection(models.map(\.graphSHA256))
        if isChanged { await feed(.capabilitiesChanged(capabilities())) }
    }
}
