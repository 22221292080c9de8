import KenterClient
import KenterProtocol

struct ImageTagCommand: Command {
    static let abstract = "Give an image another name."

    let engine: EngineOptions
    let image: String
    let reference: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        image = arguments.operand("IMAGE")
        reference = arguments.operand("REFERENCE")
    }

    func run() async throws {
        let client = try await engine.connect()
        _ = try await client.call(ImageTag(image: image, reference: reference))
    }
}
