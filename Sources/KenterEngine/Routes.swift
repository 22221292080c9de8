import JSONRPC
import KenterProtocol

/// The whole API: which service answers which method.
struct Routes: Sendable {
    private typealias Answer = @Sendable (Request, RequestContext) async throws -> JSONObject
    private var answers: [String: Answer] = [:]
    /// Every method added so far.
    private(set) var methods: [any RPCMethod.Type] = []

    /// Adds a method; its parameters are decoded strictly before anything is done.
    mutating func on<M: RPCMethod>(
        _ method: M.Type, _ answer: @escaping @Sendable (M, RequestContext) async throws -> M.Result
    ) {
        add(method) { params, context in try JSONValueEncoder().encodeObject(try await answer(params, context)) }
    }

    /// Adds a list method; a page that is too long for a line is made shorter, and says where the next one begins.
    mutating func onList<M: ListMethod>(
        _ method: M.Type, _ answer: @escaping @Sendable (M, RequestContext) async throws -> M.Result
    ) {
        add(method) { params, context in
            var params = params
            while true {
                let page = try JSONValueEncoder().encodeObject(try await answer(params, context))
                let count = page.members.lazy.compactMap(\.value.array).first?.count ?? 0
                guard count > 1, !JSONValue.object(page).fits(bytes: EngineLimitTable.pageBytes) else { return page }
                params.limit = count / 2
            }
        }
    }

    private mutating func add<M: RPCMethod>(
        _ method: M.Type, _ answer: @escaping @Sendable (M, RequestContext) async throws -> JSONObject
    ) {
        methods.append(method)
        answers[M.name] = { request, context in
            let params: M
            do {
                params = try JSONValueDecoder(refusesUnknownMembers: true).decode(M.self, from: request.params)
            } catch let error as JSONShapeError {
                let details: JSONObject = error.path.isEmpty ? [:] : ["path": .string(error.path)]
                throw RPCError(.invalidParams, "invalid parameters of \(M.name): \(error)", details: details)
            }
            do {
                return try await answer(params, context)
            } catch {
                let error = EngineError.wire(error)
                ErrorContract.check(error, of: method)
                throw error
            }
        }
    }

    func answer(_ request: Request, _ context: RequestContext) async throws -> JSONObject {
        guard let answer = answers[request.method] else {
            throw RPCError(
                .methodNotFound, "there is no method '\(request.method)'; rpc.discover lists those there are")
        }
        return try await answer(request, context)
    }
}

/// A method whose result is an array of objects, page by page.
protocol ListMethod: RPCMethod {
    /// The most objects of a page.
    var limit: Int? { get set }
}

extension ContainerList: ListMethod {}
extension ImageList: ListMethod {}
extension LinkList: ListMethod {}
extension NetworkList: ListMethod {}
extension PluginList: ListMethod {}
extension VolumeList: ListMethod {}

extension JSONValue {
    /// Whether its text has at most `bytes` bytes; written out only where that is not plain from its parts.
    fileprivate func fits(bytes: Int) -> Bool { longestTextBytes <= bytes || self.bytes.count <= bytes }

    /// What its text would have if every byte of every string had to be escaped.
    private var longestTextBytes: Int {
        switch self {
        case .null, .bool: 6
        case .integer, .double: 32
        case .string(let text): 6 * text.utf8.count + 3
        case .array(let elements): elements.reduce(2) { $0 + $1.longestTextBytes }
        case .object(let object):
            object.members.reduce(2) { $0 + 6 * $1.name.utf8.count + 4 + $1.value.longestTextBytes }
        }
    }
}
