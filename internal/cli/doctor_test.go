package cli

import (
	"strings"
	"testing"
	"time"
)

func TestDoctorOnClocks(t *testing.T) {
	t.Parallel()
	server := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for off, want := range map[time.Duration]string{
		0: verdictOK, 59 * time.Second: verdictOK, -60 * time.Second: verdictOK,
		61 * time.Second: verdictFailed, -5 * time.Minute: verdictFailed,
	} {
		if f := checkClock(server, server.Add(off)); f.Verdict != want {
			t.Errorf("%s off: %+v, want %s", off, f, want)
		}
	}
	if f := checkClock(time.Time{}, server); f.Verdict != verdictSkipped {
		t.Errorf("no Date: %+v", f)
	}
}

// What could not be asked is not ok.
func TestDoctorOnVersionsUnasked(t *testing.T) {
	t.Parallel()
	if f := checkVersion("v22.0", time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), false); f.Verdict != verdictSkipped {
		t.Errorf("%+v", f)
	}
}

func TestDoctorOnVersions(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		version string
		now     string
		verdict string
		found   string
	}{
		{"v22.0", "2026-11-22", verdictOK, "supported"},
		{"v18.0", "2026-11-22", verdictOK, "supported"},
		{"v18.0", "2027-02-01", verdictWarning, "within 90 days"},
		{"v18.0", "2027-04-02", verdictWarning, "out of support"},
		{"v14.0", "2026-11-22", verdictFailed, "removed"},
	} {
		if f := checkVersion(c.version, day(c.now), true); f.Verdict != c.verdict || !strings.Contains(f.Found, c.found) {
			t.Errorf("%s on %s: %+v, want %s with %q", c.version, c.now, f, c.verdict, c.found)
		}
	}
}
