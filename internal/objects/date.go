package objects

import (
	"strings"
	"time"
)

// Workfront's own form of an instant has a colon before its milliseconds, which no layout of package time can read, and none
// in its offset: 2026-12-24T17:00:00:000+0100.

// moment is a date as it was written: an instant, a local time without a zone, or a day.
type moment struct {
	at    time.Time // in UTC where there is no zone
	zoned bool
	day   bool
}

// parseMoment reads a date in any of the forms that Workfront writes or people type.
func parseMoment(s string) (moment, bool) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return moment{at: t, day: true}, true
	}
	if len(s) > 19 && s[19] == ':' {
		s = s[:19] + "." + s[20:]
	}
	if strings.Contains(s, ",") { // a fraction may begin with one for package time, and not for anyone else
		return moment{}, false
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return moment{at: t, zoned: true}, true
		}
	}
	for _, layout := range [...]string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return moment{at: t}, true
		}
	}
	return moment{}, false
}

// String is the form that Workfront itself writes, a day and a local time without a zone as they are.
func (m moment) String() string {
	switch {
	case m.day:
		return m.at.Format(time.DateOnly)
	case !m.zoned:
		return m.at.Format("2006-01-02T15:04:05")
	}
	s := m.at.Format("2006-01-02T15:04:05.000-0700")
	return s[:19] + ":" + s[20:]
}

// same compares what was written with what came back. Where what was written has no zone, the zone was the server's to choose.
func (m moment) same(got moment) bool {
	switch {
	case m.zoned && got.zoned:
		return m.at.Truncate(time.Millisecond).Equal(got.at.Truncate(time.Millisecond))
	case m.day || got.day:
		return m.at.Format(time.DateOnly) == got.at.Format(time.DateOnly)
	}
	const local = "2006-01-02T15:04:05"
	return m.at.Format(local) == got.at.Format(local)
}
