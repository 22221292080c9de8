import KenterClient
import KenterProtocol

struct ContainerRenameCommand: Command {
    static let abstract = "Give a container another name."

    let engine: EngineOptions
    let container: String
    let name: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        container = arguments.operand("CONTAINER")
        name = arguments.operand("NAME")
    }

    func run() async throws {
        guard !container.isEmpty, !name.isEmpty else {
            throw CommandFailure("Neither old nor new names may be empty")
        }
        let client = try await engine.connect()
        _ = try await client.call(ContainerRename(container: container, newName: name))
    }
}
