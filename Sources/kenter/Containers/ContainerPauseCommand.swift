import KenterClient
import KenterProtocol

struct ContainerPauseCommand: Command {
    static let abstract = "Freeze every process of containers."

    let engine: EngineOptions
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        try Outcomes.show(try await client.call(ContainerPause(containers: containers)), of: containers)
    }
}
