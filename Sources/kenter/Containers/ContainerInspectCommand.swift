import JSONRPC
import KenterProtocol

struct ContainerInspectCommand: Command {
    static let abstract = "Show all about containers."

    let engine: EngineOptions
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        try await Inspection.show(containers, [.container], try await engine.connect()) { "No such container: \($0)" }
    }
}
