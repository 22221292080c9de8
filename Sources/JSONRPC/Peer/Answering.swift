import Synchronization

extension Connection {
    /// Handles one line, for which `places` have been taken in the shared budget.
    func take(_ line: Line, places: Int) {
        switch line {
        case .message(let message): take(message)
        case .batch(let messages): take(messages)
        }
    }

    private func take(_ message: Message) {
        switch message {
        case .request(let request): start(request) { self.send(.response($0)) }
        case .notification(let notification): handler.receive(notification, on: self)
        case .response(let response):
            if !asking.answer(response.id, response.outcome) { handler.receive(unasked: response, on: self) }
        case .invalid(let error, let id): handler.receive(invalid: error, id: id, on: self)
        case .refusal(let error): handler.receive(refusal: error, on: self)
        }
    }

    /// A batch is answered with one array, once its last request is done; with nothing when none wants an answer.
    private func take(_ messages: [Message]) {
        let answers = BatchAnswers { items, begun in
            // Only now may their ids be used again.
            for request in begun { self.answering.release(request.id) }
            guard !items.isEmpty else { return }
            self.outgoing.append(BatchAnswers.line(items, limitBytes: self.limits.outgoingLineBytes))
            for request in begun { self.handler.answered(request, on: self) }
        }
        for message in messages {
            switch message {
            case .request(let request):
                answers.expect()
                start(request, in: answers) { answers.add(.response($0)) }
            case .invalid(let error, let id):
                answers.expect()
                answers.add(.invalid(error, id: id))
            case .notification(let notification) where notification.method == Notification.cancelRequest:
                if let id = notification.params["id"].flatMap(RequestID.init) { _ = answering.cancel(id) }
            case .notification, .response, .refusal: take(message)
            }
        }
        answers.close()
    }

    private func start(
        _ request: Request, in batch: BatchAnswers? = nil, answer: @escaping @Sendable (Response) -> Void
    ) {
        guard answering.begin(request.id) else {
            budget?.giveBack()
            let text = "a request with the id \(request.id) is still being answered"
            answer(Response(id: request.id, outcome: .failure(RPCError(.duplicateId, text))))
            return
        }
        batch?.begin(request)
        // Unstructured because requests of a connection end in any order; RequestsInFlight owns and cancels the task.
        let task = Task.immediate {
            let outcome = await self.outcome(of: request)
            if batch == nil { self.answering.release(request.id) }
            answer(Response(id: request.id, outcome: outcome))
            if batch == nil { self.handler.answered(request, on: self) }
            self.budget?.giveBack()
            self.answering.end()
            if self.isWaitingForRoom.load(ordering: .sequentiallyConsistent) { self.channel.nudge() }
        }
        answering.attach(task, to: request.id)
    }

    private func outcome(of request: Request) async -> Result<JSONObject, RPCError> {
        do {
            return .success(try await handler.answer(request, on: self))
        } catch let error as RPCError {
            return .failure(error)
        } catch is CancellationError {
            return .failure(RPCError(.cancelled, "\(request.method) was cancelled"))
        } catch {
            return .failure(RPCError(.internal, "\(request.method) failed: \(error)"))
        }
    }

    /// Nothing more can come: fails own calls, waits for answers in flight, and lets go of the connection.
    func inputEnded() {
        asking.failAll(.connectionEnded)
        handler.inputEnded(self)
        // A peer that only finished writing still wants its answers; one that is gone does not.
        isWaitingForRoom.store(true, ordering: .sequentiallyConsistent)
        if channel.waitForHangUp(while: { answering.count > 0 }) { answering.cancelAll() }
        // Unstructured because it outlives this thread: answers in flight are still to be written.
        Task {
            await answering.waitUntilEmpty()
            await outgoing.flush()
            outgoing.finish()
            handler.closed(self)
        }
    }
}
