import Costs

/// What plans are made for, and the grids that bear on it.
extension PlanDirector {
    var countsCarbon: Bool { tracks.contains { ($0.asked ?? goal).countsCarbon } }

    /// The configuration changed.
    mutating func plan(by settings: PlanningSettings, now: Duration) {
        policy.margin = settings.margin
        policy.carbonMargin = settings.carbonMargin
        policy.dwell = settings.dwell
        policy.switchesPerWindow = settings.switchesPerWindow
        policy.switchWindow = settings.switchWindow
        self.settings.solveTimeout = settings.solveTimeout
        guard goal != settings.goal else { return }
        goal = settings.goal
        for index in tracks.indices where tracks[index].asked == nil {
            tracks[index].add(.goalChanged, now: now)
            tracks[index].notBefore = min(tracks[index].notBefore, now)
        }
    }

    /// A grid that changed enough since the last solve is a reason for the next, where carbon counts: every board that
    /// could have been used is compared, since a cleaner one may be worth a move to it.
    mutating func noticeCarbon(_ index: Int, _ world: World, now: Duration) {
        let track = tracks[index]
        guard (track.asked ?? goal).countsCarbon, !track.basis.isEmpty else { return }
        let zones = Set(world.boards.flatMap(\.capabilities.devices).compactMap(\.zone))
        let current = carbon.intensities(now: now)
        let changes = policy.carbonChanges(from: track.carbonBasis, to: current, zones: zones)
        guard !changes.isEmpty else { return }
        // Each change is said once; what changes again before the next solve is said against the latest figure.
        tracks[index].carbonBasis = current
        for change in changes { tracks[index].add(change, now: now) }
        tracks[index].notBefore = min(track.notBefore, now + settings.backoffMinimum)
    }
}
