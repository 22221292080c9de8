import Synchronization

/// Answers of one batch, sent together once all are there.
final class BatchAnswers: Sendable {
    private struct State {
        var answers: [Message] = []
        /// The requests of the batch that were not refused at once.
        var begun: [Request] = []
        /// Answers still to come, and one more until the batch is closed.
        var missing = 1
    }

    private let state = Mutex(State())
    private let send: @Sendable (_ answers: [Message], _ begun: [Request]) -> Void

    init(send: @escaping @Sendable (_ answers: [Message], _ begun: [Request]) -> Void) {
        self.send = send
    }

    func expect() { state.withLock { $0.missing += 1 } }
    func begin(_ request: Request) { state.withLock { $0.begun.append(request) } }
    func add(_ answer: Message) { settle(answer) }
    func close() { settle(nil) }

    private func settle(_ answer: Message?) {
        let complete = state.withLock { state -> State? in
            if let answer { state.answers.append(answer) }
            state.missing -= 1
            return state.missing == 0 ? state : nil
        }
        if let complete { send(complete.answers, complete.begun) }
    }
}

extension BatchAnswers {
    /// The answers as one line of at most `limitBytes`, LF included; what does not fit any more becomes an error of its
    /// request, so that no answer is ever cut or missing.
    static func line(_ answers: [Message], limitBytes: Int) -> [UInt8] {
        let text = "the answers of the batch have more than \(limitBytes) bytes; ask for less, or in smaller batches"
        let refusals = answers.map { answer -> [UInt8] in
            guard case .response(let response) = answer else { return answer.json.bytes }
            return Message.invalid(RPCError(.messageTooLarge, text), id: response.id).json.bytes
        }
        // The errors that all answers still to come may need are kept free.
        var reserved = refusals.reduce(2) { $0 + $1.count + 1 }
        var line: [UInt8] = [UInt8(ascii: "[")]
        for (answer, refusal) in zip(answers, refusals) {
            reserved -= refusal.count + 1
            let whole = answer.json.bytes
            if line.count > 1 { line.append(UInt8(ascii: ",")) }
            line.append(contentsOf: line.count + whole.count + reserved <= limitBytes ? whole : refusal)
        }
        line.append(contentsOf: [UInt8(ascii: "]"), 0x0a])
        return line
    }
}
