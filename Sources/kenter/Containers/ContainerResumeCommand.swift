import KenterClient
import KenterProtocol

struct ContainerResumeCommand: Command {
    static let abstract = "Let frozen containers go on."

    let engine: EngineOptions
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        try Outcomes.show(try await client.call(ContainerResume(containers: containers)), of: containers)
    }
}
