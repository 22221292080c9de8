import Synchronization

/// Hands elements from a thread to one asynchronous consumer. The thread asks for room first, so nothing grows.
final class HandOff<Element: Sendable>: Sendable {
    private struct State {
        var elements: [(Element, cost: Int)] = []
        var next = 0
        var cost = 0
        var consumer: CheckedContinuation<Element?, Never>?
        var isFinished = false
        var limit: Int
    }

    private let state: Mutex<State>
    /// Called when the consumer has made room, or will take no more.
    private let roomAppeared: @Sendable () -> Void

    init(limit: Int, roomAppeared: @escaping @Sendable () -> Void) {
        state = Mutex(State(limit: limit))
        self.roomAppeared = roomAppeared
    }

    /// Whether another element may be put; the last one may go beyond the limit.
    var hasRoom: Bool { state.withLock { $0.cost < $0.limit } }

    /// What still comes is known to be little: takes all of it, however slow the consumer.
    func removeLimit() {
        state.withLock { $0.limit = .max }
        roomAppeared()
    }

    func put(_ element: Element, cost: Int) {
        let consumer = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            if state.isFinished { return nil }
            if let consumer = state.consumer {
                state.consumer = nil
                return consumer
            }
            state.elements.append((element, cost))
            state.cost += cost
            return nil
        }
        consumer?.resume(returning: element)
    }

    /// No more elements come; those that are there can still be taken, unless they are dropped.
    func finish(dropping: Bool = false) {
        let consumer = state.withLock { state -> CheckedContinuation<Element?, Never>? in
            state.isFinished = true
            if dropping { (state.elements, state.next, state.cost) = ([], 0, 0) }
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: nil)
    }

    /// The next element; `nil` at the end, or when the task is cancelled. For one caller at a time.
    func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (ready, madeRoom) = state.withLock { state -> (Element??, Bool) in
                    if let element = Self.take(&state) { return (.some(element), state.cost < state.limit) }
                    // Looked at under the lock that the cancellation handler takes: it comes before or after, never between.
                    if state.isFinished || Task.isCancelled { return (.some(nil), false) }
                    state.consumer = continuation
                    return (nil, false)
                }
                if madeRoom { roomAppeared() }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let consumer = state.withLock { state -> CheckedContinuation<Element?, Never>? in
                defer { state.consumer = nil }
                return state.consumer
            }
            consumer?.resume(returning: nil)
        }
    }

    private static func take(_ state: inout State) -> Element? {
        guard state.next < state.elements.count else { return nil }
        let (element, cost) = state.elements[state.next]
        state.next += 1
        state.cost -= cost
        if state.next == state.elements.count { (state.elements, state.next) = ([], 0) }
        return element
    }
}
