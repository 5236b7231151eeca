/// CPU policies and devices of devfreq.
extension BoardFinder {
    mutating func frequencyDomains() -> [FrequencyDomain] {
        var domains: [FrequencyDomain] = []
        for kind in FrequencyDomain.Kind.allCases {
            let prefix = kind == .cpuPolicy ? "policy" : ""
            let names = folders(in: kind.folder, prefix: prefix, atMost: BoardLimits.maximumDomains - domains.count)
            if kind == .cpuPolicy, names.isEmpty {
                note(
                    BoardFault(
                        kind.folder, .missing, "there is no policy",
                        consequence: "the processor's clock is not controlled",
                        remedy: ["load the kernel's cpufreq driver of this board; virtual machines have none"]))
            }
            for name in names {
                if let domain = domain(FrequencyFolder(kind: kind, path: kind.folder + "/" + name), name: name) {
                    domains.append(domain)
                }
            }
        }
        return domains
    }

    private mutating func domain(_ folder: FrequencyFolder, name: String) -> FrequencyDomain? {
        let kind = folder.kind
        let listFile = kind == .cpuPolicy ? "/scaling_available_frequencies" : "/available_frequencies"
        let listed = attemptIfThere("its frequencies are taken from its limits") { root throws(BoardFault) in
            try Self.frequencies(try root.text(folder.path + listFile), folder.path + listFile, kind)
        }
        guard let range = hardwareRange(folder, listed: listed) else { return nil }
        let within = (listed ?? []).filter { range.contains($0) }
        let frequencies = within.isEmpty ? Self.grid(range) : within

        let meaning = "the clock of \(name) is not controlled"
        let minimum = attempt(meaning) { root throws(BoardFault) in try Self.limit(folder.minimumPath, kind, root) }
        let maximum = attempt(meaning) { root throws(BoardFault) in try Self.limit(folder.maximumPath, kind, root) }
        let governor: String? = attempt(meaning) { root throws(BoardFault) in
            let text = try root.text(folder.governorPath)
            guard FrequencyFolder.isGovernor(text) else {
                throw BoardFault(
                    folder.governorPath, .malformed, "'\(BoardFault.excerpt(text))' is no governor's name")
            }
            return text
        }
        let governors = attemptIfThere("the governor stays as it is") { root throws(BoardFault) in
            try root.text(folder.path + (kind == .cpuPolicy ? "/scaling_available_governors" : "/available_governors"))
        }
        let current = attemptIfThere("the clock's own frequency is unknown") { root throws(BoardFault) in
            try Self.limit(folder.currentPath, kind, root)
        }
        var domain = FrequencyDomain(
            kind: kind, name: name, path: folder.path, cpus: kind == .cpuPolicy ? cpus(folder) : [],
            frequenciesHz: frequencies, isGrid: within.isEmpty, hardwareMinimumHz: range.lowerBound,
            hardwareMaximumHz: range.upperBound, minimumHz: minimum.flatMap { $0 > 0 ? $0 : nil },
            maximumHz: maximum.flatMap { $0 > 0 ? $0 : nil }, currentHz: current.flatMap { $0 > 0 ? $0 : nil },
            governor: governor,
            governors: (governors ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
                .filter(FrequencyFolder.isGovernor))
        domain.isWritable = minimum != nil && maximum != nil && governor != nil && isWritable(domain)
        return domain
    }

    /// What the hardware allows; what it lists where it does not say.
    private mutating func hardwareRange(_ folder: FrequencyFolder, listed: [Double]?) -> ClosedRange<Double>? {
        let meaning = "the clock of \(folder.path) is not controlled"
        var bounds: [Double] = []
        if folder.kind == .cpuPolicy {
            for file in ["/cpuinfo_min_freq", "/cpuinfo_max_freq"] {
                let hz = attempt(meaning) { root throws(BoardFault) in
                    try Self.frequency(try root.text(folder.path + file), folder.path + file, folder.kind)
                }
                if let hz { bounds.append(hz) }
            }
            guard bounds.count == 2 else { return nil }
        } else if let listed, let least = listed.first, let most = listed.last {
            bounds = [least, most]
        } else {
            // devfreq says nowhere else what the hardware allows, and limits may have been narrowed by anybody.
            note(
                BoardFault(
                    folder.path + "/available_frequencies", .missing, "it lists no frequencies",
                    consequence: meaning))
            return nil
        }
        guard bounds[0] <= bounds[1] else {
            note(
                BoardFault(
                    folder.path, .absurd, "its least frequency is above its greatest", consequence: meaning))
            return nil
        }
        return bounds[0]...bounds[1]
    }

    private mutating func cpus(_ folder: FrequencyFolder) -> [Int] {
        for file in ["/affected_cpus", "/related_cpus"] {
            let text = attempt("which cores it drives is unknown") { root throws(BoardFault) in
                try root.text(folder.path + file)
            }
            guard let text else { continue }
            let numbers = text.split { $0 == " " || $0 == "," }.map { Int($0) }
            if !numbers.isEmpty, numbers.allSatisfy({ $0.map(BoardLimits.cpuNumber.contains) ?? false }) {
                return Set(numbers.compactMap { $0 }).sorted()
            }
            note(
                BoardFault(
                    folder.path + file, .malformed, "'\(BoardFault.excerpt(text))' lists no cores",
                    consequence: "which cores it drives is unknown"))
        }
        return []
    }

    private mutating func isWritable(_ domain: FrequencyDomain) -> Bool {
        var isWritable = true
        var paths = [domain.minimumPath, domain.maximumPath]
        if domain.kind == .cpuPolicy { paths.append(domain.governorPath) }
        for path in paths {
            do throws(SystemErrno) {
                try root.files.checkWritable(root.resolved(path))
            } catch {
                isWritable = false
                // That it is not there was said when it was read.
                if error.isAbsence { continue }
                note(
                    BoardFault(
                        path, .locked, "this user may not write it (\(error))",
                        consequence: "the clock of \(domain.name) is not controlled",
                        remedy: Permission.lines(for: path, to: .write, error)))
            }
        }
        return isWritable
    }

    // MARK: Texts

    /// Ascending, each once.
    private static func frequencies(
        _ text: String, _ path: String, _ kind: FrequencyDomain.Kind
    ) throws(BoardFault) -> [Double] {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count <= BoardLimits.maximumFrequencies else {
            throw BoardFault(path, .absurd, "\(words.count) frequencies cannot be")
        }
        var frequencies = Set<Double>()
        for word in words { frequencies.insert(try frequency(String(word), path, kind)) }
        return frequencies.sorted()
    }

    /// Hz.
    private static func frequency(
        _ text: String, _ path: String, _ kind: FrequencyDomain.Kind
    ) throws(BoardFault) -> Double {
        let range = BoardLimits.frequencyHz
        let units = try SystemRoot.integer(
            text, path, in: range.lowerBound / kind.unitHz...range.upperBound / kind.unitHz)
        return Double(units) * Double(kind.unitHz)
    }

    /// Hz; 0 where devfreq has no limit or its clock stands still.
    private static func limit(
        _ path: String, _ kind: FrequencyDomain.Kind, _ root: SystemRoot
    ) throws(BoardFault) -> Double {
        let text = try root.text(path)
        if kind == .devfreq, text == "0" { return 0 }
        return try frequency(text, path, kind)
    }

    /// Even steps in whole MHz, both ends among them.
    static func grid(_ range: ClosedRange<Double>) -> [Double] {
        let steps = BoardLimits.gridFrequencies - 1
        var grid: Set<Double> = [range.lowerBound, range.upperBound]
        for step in 1..<steps {
            let hz = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / Double(steps)
            let rounded = (hz / 1e6).rounded() * 1e6
            if range.contains(rounded) { grid.insert(rounded) }
        }
        return grid.sorted()
    }
}
