#!/usr/bin/env bash
# Installs the scikit-learn releases that `npm run test:interop` compares with, each in an environment of its own below
# .edgewood/python. What is there already is kept. Releases without a wheel for this machine's Python are named.
#
#   tests/interop/install.sh            the releases below
#   tests/interop/install.sh 1.4.2      these
set -euo pipefail
cd "$(dirname "$0")/../.."

releases=("$@")
if [ ${#releases[@]} -eq 0 ]; then releases=(1.0.2 1.2.2 1.3.2 1.5.2 1.6.1 1.7.2 newest); fi

for release in "${releases[@]}"; do
  environment=".edgewood/python/$release"
  if [ -f "$environment/installed" ]; then continue; fi
  rm -rf "$environment"
  python3 -m venv "$environment"
  case "$release" in
    newest) requirements=(scikit-learn pandas) ;; # pandas reads what export and features write
    1.[0-4].*) requirements=("scikit-learn==$release" "numpy<2") ;;
    *) requirements=("scikit-learn==$release") ;;
  esac
  if "$environment/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "${requirements[@]}" > "$environment/pip.log" 2>&1; then
    touch "$environment/installed"
    "$environment/bin/python" -c 'import sklearn, numpy, joblib; print(f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, joblib {joblib.__version__}")'
  else
    echo "scikit-learn $release: no wheel for $(python3 --version); see $environment/pip.log"
  fi
done
