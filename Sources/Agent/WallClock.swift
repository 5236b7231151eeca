import Glibc

/// The time of day, for records that people read. It steps; nothing is decided by it.
public enum WallClock {
    public static var secondsSince1970: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
