import JSONRPC
import KenterClient
import KenterProtocol

/// Looks a name up among the engine's objects.
enum Inspection {
    enum Noun: String, CaseIterable {
        case container, image, volume, network

        var method: String { "\(rawValue).inspect" }
    }

    /// Prints one JSON array of what was found, then tells what was not.
    static func show(
        _ names: [String], _ nouns: [Noun], _ client: EngineClient, missing: (String) -> String
    ) async throws {
        var found: [JSONValue] = []
        var errors: [any Error] = []
        for name in names {
            do {
                guard let object = try await find(name, nouns, client) else { throw CommandFailure(missing(name)) }
                found.append(object)
            } catch {
                errors.append(error)
            }
        }
        Output.line(PrettyJSON.text(.array(found)))
        for error in errors {
            Output.errorLine("Error: \(TerminalText.escaped(CommandFailure(error).message ?? ""))")
        }
        if !errors.isEmpty { throw CommandFailure.silent(1) }
    }

    private static func find(_ name: String, _ nouns: [Noun], _ client: EngineClient) async throws -> JSONValue? {
        for noun in nouns {
            do {
                return .object(try await client.call(noun.method, [noun.rawValue: .string(name)]))
            } catch let error as RPCError where error.kind == .notFound {
                continue
            } catch let error as RPCError where nouns.count > 1 && error.kind == .invalidParams {
                // What can be the name of a container need not be one of a volume.
                continue
            }
        }
        return nil
    }
}
