import JSONRPC
import KenterProtocol

/// An answer in both its forms: typed, and as it came.
struct Answer<Value> {
    var value: Value
    var json: JSONObject
}

/// Calls with the types of the contract.
extension PluginSession {
    /// Calls and waits: the answer, or the plugin's error.
    func ask<M: RPCMethod>(_ method: M) throws(CheckEnd) -> Result<Answer<M.Result>, RPCError> {
        try decoded(M.self, try answer(to: try send(method), M.name))
    }

    /// Calls with parameters that may hold more than the method's own.
    func ask<M: RPCMethod>(_ method: M, adding extra: JSONObject) throws(CheckEnd) -> Result<
        Answer<M.Result>, RPCError
    > {
        var params = try Self.params(method)
        for member in extra.members { params[member.name] = member.value }
        return try decoded(M.self, try answer(to: send(M.name, params), M.name))
    }

    /// A call that the plugin has to be able to do.
    func succeed<M: RPCMethod>(_ method: M, _ why: String = "") throws(CheckEnd) -> Answer<M.Result> {
        switch try ask(method) {
        case .success(let answer): return answer
        case .failure(let error):
            throw .failed("\(M.name) was answered with an error: \(error.message)\(why.isEmpty ? "" : " (\(why))")")
        }
    }

    /// A call that the plugin must not do.
    @discardableResult
    func refuse<M: RPCMethod>(_ method: M, _ why: String) throws(CheckEnd) -> RPCError {
        switch try ask(method) {
        case .success: throw .failed("\(M.name) succeeded although \(why)")
        case .failure(let error): return error
        }
    }

    /// Cleans up; a plugin that keeps nothing need not know how.
    func reconciled(_ kept: ProviderReconcile) throws(CheckEnd) -> ProviderReconcile.Result {
        switch try ask(kept) {
        case .success(let answer): return answer.value
        case .failure(let error):
            guard error.kind.code == -32_601 else { throw .failed("it was answered with an error: \(error.message)") }
            throw .skipped("it does not know provider.reconcile")
        }
    }

    private func decoded<M: RPCMethod>(
        _ method: M.Type, _ outcome: Result<JSONObject, RPCError>
    ) throws(CheckEnd) -> Result<Answer<M.Result>, RPCError> {
        switch outcome {
        case .failure(let error): return .failure(error)
        case .success(let json):
            if let bytes = json["state"]?.object?.bytes.count, bytes > Self.stateLimitBytes {
                let text = "\(M.name) returned a state of \(bytes) bytes, over \(Self.stateLimitBytes)"
                throw .blocked(Violation(check: "state.size", text: text))
            }
            do {
                return .success(Answer(value: try JSONValueDecoder().decode(M.Result.self, from: json), json: json))
            } catch {
                throw .blocked(Violation(check: "results.shape", text: "the result of \(M.name): \(error)"))
            }
        }
    }
}

extension ProviderReconcile.Result {
    func expect(removed expectedRemoved: [String], missing expectedMissing: [String]) throws(CheckEnd) {
        try errors.isEmpty.orFail("it reports: \(errors.first?.message ?? "")")
        try (removed.sorted() == expectedRemoved.sorted()).orFail("it removed \(removed), not \(expectedRemoved)")
        try (missing.sorted() == expectedMissing.sorted()).orFail("it misses \(missing), not \(expectedMissing)")
    }
}
