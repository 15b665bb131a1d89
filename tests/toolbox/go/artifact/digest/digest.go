// Package digest says by which algorithm artifacts are known.
package digest

import (
	_ "crypto/sha256"
	_ "crypto/sha512"
	"fmt"

	"github.com/opencontainers/go-digest"
)

// Canonical is the algorithm of new artifacts; source-controller sets it from its flag.
var Canonical = digest.SHA256

// AlgorithmForName finds an algorithm that this program can compute.
func AlgorithmForName(name string) (digest.Algorithm, error) {
	if found := digest.Algorithm(name); found.Available() {
		return found, nil
	}
	return "", fmt.Errorf("%w: %s", digest.ErrDigestUnsupported, name)
}
