/// Finds layers by what an entry calls them: a name, or an index counted from 0.
struct LayerResolver {
    private let model: String
    private let file: String
    private let count: Int
    private var indices: [String: Int] = [:]

    init(_ names: [String], model: String, file: String) throws(DataFault) {
        self.model = model
        self.file = file
        count = names.count
        for (index, name) in names.enumerated() where indices.updateValue(index, forKey: name) != nil {
            throw DataFault(file: file, "the model \(model) has two layers '\(name)'", "name its layers differently")
        }
    }

    func bundle(of entry: ProfileEntry) throws(DataFault) -> BundleID {
        let first = try layer(entry.first, column: "first", entry)
        let last = try layer(entry.last, column: "last", entry)
        guard first <= last else {
            throw DataFault(
                file: file, line: entry.line, "first '\(entry.first)' comes after last '\(entry.last)'", "swap the two")
        }
        return BundleID(device: entry.device, frequencyHz: entry.frequencyHz, first: first, last: last)
    }

    private func layer(_ text: String, column: String, _ entry: ProfileEntry) throws(DataFault) -> Int {
        func fault(_ problem: String, _ advice: String) -> DataFault {
            DataFault(file: file, line: entry.line, problem, advice)
        }
        guard !text.isEmpty else { throw fault("\(column) is empty", "name a layer or give its index") }
        let isNumber = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let number = isNumber ? Int(text) : nil
        if let named = indices[text] {
            // A layer may be called "3" without being layer 3.
            if let number, number != named, number < count {
                throw fault(
                    "\(column) '\(text)' is the name of layer \(named) and the index of another",
                    "name its layers differently")
            }
            return named
        }
        guard isNumber else {
            throw fault("\(column) '\(text)' is no layer of the model \(model)", "name one of its \(count) layers")
        }
        guard let number, number < count else {
            throw fault(
                "\(column) \(text) is no layer of the model \(model)",
                count == 1 ? "its only layer is 0" : "its layers are 0 to \(count - 1)")
        }
        return number
    }
}
