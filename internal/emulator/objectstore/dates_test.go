package objectstore

import (
	"testing"
	"time"
)

func TestParseSpan(t *testing.T) {
	t.Parallel()
	// A Wednesday afternoon in the tenant's zone.
	now := time.Date(2026, 8, 19, 22, 30, 15, 250e6, time.UTC)
	const day, ms = 24 * time.Hour, time.Millisecond
	for _, test := range []struct {
		text string
		from string
		long time.Duration
	}{
		{"2017-03-08T17:00:00:123+0400", "2017-03-08T06:00:00.123", ms},
		{"2017-03-08T17:00:00.5+0400", "2017-03-08T06:00:00.500", ms},
		{"2020-05-13T18:18:37.255Z", "2020-05-13T11:18:37.255", ms},
		{"2022-07-10T00:00:00", "2022-07-10T00:00:00.000", ms},
		{"2022-07-10T08:15", "2022-07-10T08:15:00.000", ms},
		{"2022-07-10T08:15:00+02:00", "2022-07-09T23:15:00.000", ms},
		{"2022-07-10", "2022-07-10T00:00:00.000", day},
		{"$$TODAY", "2026-08-19T00:00:00.000", day},
		{"$$TODAY-7d", "2026-08-12T00:00:00.000", day},
		{"$$TODAY+1w", "2026-08-26T00:00:00.000", day},
		{"$$TODAYb", "2026-08-19T00:00:00.000", ms},
		{"$$TODAYe", "2026-08-19T23:59:59.999", ms},
		{"$$TODAYbw", "2026-08-16T00:00:00.000", ms},
		{"$$TODAYew", "2026-08-22T23:59:59.999", ms},
		{"$$TODAYbm", "2026-08-01T00:00:00.000", ms},
		{"$$TODAYbm-1m", "2026-07-01T00:00:00.000", ms},
		{"$$TODAYem+1m", "2026-09-30T23:59:59.999", ms},
		{"$$TODAYbq", "2026-07-01T00:00:00.000", ms},
		{"$$TODAYeq-1q", "2026-06-30T23:59:59.999", ms},
		{"$$TODAYby", "2026-01-01T00:00:00.000", ms},
		{"$$TODAYey", "2026-12-31T23:59:59.999", ms},
		{"$$TODAYb+6m", "2027-02-19T00:00:00.000", ms},
		{"$$NOW", "2026-08-19T15:30:15.250", ms},
		{"$$NOW-3h", "2026-08-19T12:30:15.250", ms},
		{"$$NOWbh", "2026-08-19T15:00:00.000", ms},
		{"$$NOW+1y", "2027-08-19T15:30:15.250", ms},
	} {
		got, ok := parseSpan(test.text, now)
		if from := got.from.In(zone()).Format("2006-01-02T15:04:05.000"); !ok || from != test.from || got.to.Sub(got.from) != test.long {
			t.Errorf("%s: %s for %s, want %s for %s", test.text, from, got.to.Sub(got.from), test.from, test.long)
		}
	}
	for _, text := range []string{"", "soon", "2026-13-01", "$$TOMORROW", "$$TODAY7d", "$$TODAY+7", "$$TODAY+d", "$$TODAY-7s", "$$TODAYbx", "$$TODAYb7d"} {
		if got, ok := parseSpan(text, now); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

// A month after the last of January is the last of February.
func TestMonthsStayMonths(t *testing.T) {
	t.Parallel()
	got, ok := parseSpan("$$TODAY+1m", time.Date(2026, 1, 31, 12, 0, 0, 0, zone()))
	if want := "2026-02-28"; !ok || got.from.Format(time.DateOnly) != want {
		t.Errorf("%s, want %s", got.from.Format(time.DateOnly), want)
	}
}

func TestDatesAreWrittenAsWorkfrontDoes(t *testing.T) {
	t.Parallel()
	at := float64(time.Date(2026, 8, 19, 3, 4, 5, 7e6, time.UTC).UnixMilli())
	if got := string(appendDateTime(nil, at)); got != "2026-08-18T20:04:05:007-0700" {
		t.Error(got)
	}
	if got := string(appendDate(nil, at)); got != "2026-08-18" {
		t.Error(got)
	}
}
