import JSONRPC
import TestSupport

/// What a real Docker engine did with a sequence of commands.
struct GoldenScenario: Sendable {
    struct Step: Sendable {
        var arguments: [String]
        var exit: Int32
        var output: String
        var errors: String
    }

    var name: String
    /// Each container's name → the full id it had in the recording.
    var ids: [String: String]
    var steps: [Step]

    /// Reads a recording by its file's name without `.json`.
    init(file: String) throws {
        let document = try JSONValue(text: TextFile.read(BuildProducts.fixture("golden/\(file).json")))
        name = file
        ids = [:]
        for member in document["ids"].object?.members ?? [] { ids[member.name] = member.value.string }
        steps = (document["steps"].array ?? []).map { step in
            Step(
                arguments: step["argv"].strings, exit: Int32(step["exit"].integer ?? -1),
                output: step["stdout"].string ?? "", errors: step["stderr"].string ?? "")
        }
    }
}

/// Where Kenter differs from the recording on purpose, in one step.
struct GoldenDifference: Sendable {
    /// Why, in one sentence.
    var reason: String
    /// Leaves the step out.
    var isSkipped: Bool
    var arguments: [String]?
    var exit: Int32?
    var output: String?
    /// Text that standard error must contain.
    var errors: String?
    /// Only the exit status is compared.
    var comparesExitOnly: Bool

    /// The differences of one scenario by step, from Tests/Fixtures/golden-differences.json.
    static func load(scenario: String) throws -> [Int: GoldenDifference] {
        let document = try JSONValue(text: TextFile.read(BuildProducts.fixture("golden-differences.json")))
        var differences: [Int: GoldenDifference] = [:]
        for entry in document[scenario].array ?? [] {
            let difference = GoldenDifference(
                reason: entry["why"].string ?? "", isSkipped: entry["skip"].bool ?? false,
                arguments: entry["argv"] == .null ? nil : entry["argv"].strings,
                exit: entry["exit"].integer.map(Int32.init), output: entry["stdout"].string,
                errors: entry["stderr"].string, comparesExitOnly: entry["exitOnly"].bool ?? false)
            for step in entry["steps"].array ?? [] {
                if let step = step.integer { differences[Int(step)] = difference }
            }
        }
        return differences
    }
}
