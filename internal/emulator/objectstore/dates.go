package objectstore

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// zone is where the tenant is: a place without daylight saving time.
var zone = sync.OnceValue(func() *time.Location { return time.FixedZone("MST", -7*60*60) })

// The names of that place.
const (
	TimeZone     = "America/Phoenix"
	TimeZoneName = "Mountain Standard Time"
)

// appendDateTime writes Workfront's form, which no standard layout parses: a colon before the
// milliseconds and none in the offset, 2017-03-08T17:00:00:000+0400.
func appendDateTime(dst []byte, ms float64) []byte {
	t := time.UnixMilli(int64(ms)).In(zone())
	dst = t.AppendFormat(dst, "2006-01-02T15:04:05:")
	milli := t.Nanosecond() / 1e6
	dst = append(dst, byte('0'+milli/100), byte('0'+milli/10%10), byte('0'+milli%10))
	return t.AppendFormat(dst, "-0700")
}

func appendDate(dst []byte, ms float64) []byte {
	return time.UnixMilli(int64(ms)).In(zone()).AppendFormat(dst, time.DateOnly)
}

// span is the time that an operand means, from inclusive, to exclusive. A date without a time is its
// whole day, a time is one millisecond.
type span struct{ from, to time.Time }

func instant(t time.Time) span {
	t = t.Truncate(time.Millisecond)
	return span{t, t.Add(time.Millisecond)}
}

func wholeDay(t time.Time) span {
	from := beginning(t, 'd')
	return span{from, from.AddDate(0, 0, 1)}
}

// parseSpan reads a date in the forms that Workfront takes, $$TODAY and $$NOW among them.
func parseSpan(s string, now time.Time) (span, bool) {
	if strings.HasPrefix(s, "$$") {
		return parseWildcard(s, now.In(zone()))
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone()); err == nil {
		return wholeDay(t), true
	}
	// The colon before the milliseconds is the third of the time; a fraction is optional to Parse.
	if len(s) > 19 && s[19] == ':' {
		s = s[:19] + "." + s[20:]
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, zone()); err == nil {
			return instant(t), true
		}
	}
	return span{}, false
}

// parseWildcard reads $$TODAY or $$NOW, then optionally b or e with a unit (the beginning or end of the
// day, or of that unit), then optionally a signed number of units: $$TODAYbm-1m.
func parseWildcard(s string, now time.Time) (span, bool) {
	today := false
	switch {
	case strings.HasPrefix(s, "$$TODAY"):
		s, today = s[len("$$TODAY"):], true
	case strings.HasPrefix(s, "$$NOW"):
		s = s[len("$$NOW"):]
	default:
		return span{}, false
	}
	edge, unit := byte(0), byte('d')
	if s != "" && (s[0] == 'b' || s[0] == 'e') {
		edge, s = s[0], s[1:]
		if s != "" && isUnit(s[0]) {
			unit, s = s[0], s[1:]
		}
	}
	if s != "" {
		n, err := strconv.Atoi(s[:len(s)-1])
		if err != nil || (s[0] != '+' && s[0] != '-') || !isUnit(s[len(s)-1]) {
			return span{}, false
		}
		now = shift(now, n, s[len(s)-1])
	}
	switch {
	case edge == 'b':
		return instant(beginning(now, unit)), true
	case edge == 'e':
		return instant(shift(beginning(now, unit), 1, unit).Add(-time.Millisecond)), true
	case today:
		return wholeDay(now), true
	}
	return instant(now), true
}

func isUnit(c byte) bool { return strings.IndexByte("hdwmqy", c) >= 0 }

func shift(t time.Time, n int, unit byte) time.Time {
	switch unit {
	case 'h':
		return t.Add(time.Duration(n) * time.Hour)
	case 'w':
		return t.AddDate(0, 0, 7*n)
	case 'm':
		return addMonths(t, n)
	case 'q':
		return addMonths(t, 3*n)
	case 'y':
		return addMonths(t, 12*n)
	}
	return t.AddDate(0, 0, n)
}

// addMonths stays in the month it reaches: a month after 31 January is the last of February.
func addMonths(t time.Time, n int) time.Time {
	moved := t.AddDate(0, n, 0)
	if moved.Day() != t.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

func beginning(t time.Time, unit byte) time.Time {
	t = t.In(zone())
	year, month, day := t.Date()
	hour := 0
	switch unit {
	case 'h':
		hour = t.Hour()
	case 'w': // begins on Sunday
		day -= int(t.Weekday())
	case 'm':
		day = 1
	case 'q':
		month, day = month-(month-1)%3, 1
	case 'y':
		month, day = time.January, 1
	}
	return time.Date(year, month, day, hour, 0, 0, 0, zone())
}
